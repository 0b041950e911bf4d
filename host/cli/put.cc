// SPDX-License-Identifier: Apache-2.0
// eddy put: append lines to a stream.
#include <fstream>
#include <iostream>

#include "base/clock.h"
#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "runtime/inventory.h"
#include "runtime/open_transport.h"

namespace eddy::host {

namespace {

constexpr std::size_t kLinesAtOnce = 10'000;

struct PutOptions {
  CommonOptions common;
  std::string stream, file, key;
};

// The stream as the store has it; one that a plugin declares is created on the way.
Result<StreamId> open_stream(const Settings& settings, Transport& transport, const std::string& name) {
  auto found = transport.find_stream(name);
  if (found || found.error().code != Code::kBadData) return found;
  EDDY_ASSIGN(const auto inventory, open_inventory(settings, false));
  const auto declared = inventory.topology().streams.find(name);
  if (declared == inventory.topology().streams.end()) {
    std::string known;
    for (const auto& [other, stream] : inventory.topology().streams) {
      if (!stream.queue) known += (known.empty() ? "" : ", ") + other;
    }
    return Error{Code::kBadData, "stream " + name + ": no plugin in " + settings.plugin_dir +
                                     " declares it; there are: " + (known.empty() ? "none" : known)};
  }
  const StreamSettings wanted = settings.stream(name, declared->second.partitions, declared->second.retention_days);
  return transport.ensure_stream({name, wanted.partitions, wanted.retention_days, wanted.replication_factor});
}

// A line's bytes are a record's value, whatever they are: what does not parse becomes a dead letter of the function
// that reads it. Empty lines are passed over.
Result<std::uint64_t> append_lines(Transport& transport, StreamId to, std::istream& in, const std::string& key) {
  std::uint64_t count = 0;
  std::vector<std::string> lines;
  std::vector<OutRecord> records;
  const auto flush = [&]() -> Result<void> {
    records.clear();
    const std::int64_t now = SystemClock().now_us();
    for (const std::string& line : lines) records.push_back({key.empty() ? Bytes() : Bytes(key), line, {}, now, {}});
    if (!records.empty()) EDDY_TRY(transport.append(to, records));
    count += lines.size();
    lines.clear();
    return {};
  };
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
    if (lines.size() == kLinesAtOnce) EDDY_TRY(flush());
  }
  if (in.bad()) return Error{Code::kUnavailable, "the input could not be read to its end"};
  EDDY_TRY(flush());
  return count;
}

Result<std::uint64_t> put_records(const Settings& settings, const PutOptions& options, std::istream& in) {
  EDDY_ASSIGN(const auto transport, open_transport(settings, TransportUse::kTool));
  EDDY_ASSIGN(const StreamId stream, open_stream(settings, *transport, options.stream));
  return append_lines(*transport, stream, in, options.key);
}

int put(const PutOptions& options) {
  const auto settings = load(options.common);
  if (!settings) return report(settings.error());
  std::ifstream file;
  if (!options.file.empty() && options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file) return report({Code::kBadData, options.file + ": cannot be opened"});
  }
  std::uint64_t count = 0;
  const auto words = [&] { return std::to_string(count) + (count == 1 ? " record" : " records"); };
  const Json parameters{{"stream", options.stream}, {"file", options.file.empty() ? "-" : options.file}};
  const auto done = audited(*settings, "eddy put", parameters, [&]() -> Result<std::string> {
    EDDY_ASSIGN(count, put_records(*settings, options, file.is_open() ? file : std::cin));
    return words();
  });
  if (!done) return report(done.error());
  if (options.common.json) {
    print_json({{"stream", options.stream}, {"appended", count}});
  } else {
    print(words() + " appended to " + options.stream + "\n");
  }
  return kExitDone;
}

}  // namespace

void add_put(CommandLine& line) {
  auto options = std::make_shared<PutOptions>();
  CLI::App* command = line.app.add_subcommand("put", "Append lines (NDJSON) to a stream; durable when it returns");
  command->add_option("stream", options->stream, "Stream")->required();
  command->add_option("file", options->file, "File with one record a line (default: standard input)");
  command->add_option("--key", options->key, "Key of every record (default: none)");
  add_common(*command, options->common);
  command->callback([&line, options] { line.exit_code = put(*options); });
}

}  // namespace eddy::host
