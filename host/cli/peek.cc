// SPDX-License-Identifier: Apache-2.0
// eddy peek: read a stream without consuming it.
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "runtime/inventory.h"
#include "runtime/open_transport.h"
#include "runtime/redaction.h"
#include "runtime/triage_masks.h"

namespace eddy::host {

namespace {

constexpr std::size_t kPeekedAtOnce = 1000;
constexpr std::chrono::milliseconds kFollowWait{1000};

struct PeekOptions {
  CommonOptions common;
  std::string stream;
  std::uint64_t count = 10;
  bool follow = false, reveal = false;
};

// How the stream's records are printed.
struct Printing {
  ShownRecords shown;
  bool json = false;

  void operator()(const Record& record) const {
    if (json) {
      const Json line = shown.mask.hides() ? shown.json(record) : record_json(record);
      return print(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    if (record.value.null()) return print("(null)\n");
    print(!shown.mask.hides() ? record.value.view() : shown.letters ? "***" : shown.mask.original(record.value));
    print("\n");
  }
};

// What is hidden is found out of the plugins: no plugin is looked at where the settings hide nothing.
Result<ShownRecords> shown_of(const PeekOptions& options, const Settings& settings) {
  if (!masks_of(settings).of) return ShownRecords();
  EDDY_ASSIGN(const Inventory inventory, open_inventory(settings, false));
  const auto redacted = redacted_streams(inventory.topology(), settings);
  const auto pointers = redacted.find(options.stream);
  if (pointers == redacted.end()) return ShownRecords();
  if (options.reveal) {
    EDDY_TRY(note_reveal(settings, "eddy peek", {{"stream", options.stream}}));
    return ShownRecords();
  }
  const bool letters = holds_letters(inventory.topology(), options.stream);
  if (letters) std::fprintf(stderr, "redact hides dead letters here: eddy dlq masks them, --reveal shows them\n");
  return ShownRecords{Mask(pointers->second), letters};
}

// Where the last `count` records of a partition begin, oldest first: offset and time of each. Some offsets hold no
// record, so it looks further back until there are enough.
struct Place {
  std::int64_t timestamp_us = 0;
  std::int64_t offset = 0;
};
Result<std::vector<Place>> last_of(Browser& browser, const Position& position, std::uint64_t count) {
  const auto held = static_cast<std::uint64_t>(position.end - position.begin);
  for (std::uint64_t back = std::min(count, held);; back = std::min(back * 2, held)) {
    std::vector<Place> places;
    std::int64_t at = position.end - static_cast<std::int64_t>(back);
    while (at < position.end) {
      EDDY_ASSIGN(const auto records, browser.read(position.partition, at, kPeekedAtOnce));
      if (records.empty()) break;
      for (const Record& record : records) places.push_back({record.timestamp_us, record.offset});
      at = records.back().offset + 1;
    }
    if (places.size() > count) places.erase(places.begin(), places.end() - static_cast<std::ptrdiff_t>(count));
    if (places.size() == count || back == held) return places;
  }
}

// Moves each position to where the newest `count` records of all partitions begin.
Result<void> seek_newest(Browser& browser, std::vector<Position>& positions, std::uint64_t count) {
  std::uint64_t held = 0;
  for (Position& position : positions) {
    held += static_cast<std::uint64_t>(position.end - position.begin);
    position.committed = position.begin;
  }
  if (held <= count) return {};
  std::vector<std::pair<std::int64_t, std::size_t>> all;  // time, and whose
  std::vector<std::vector<Place>> places;
  for (Position& position : positions) {
    EDDY_ASSIGN(places.emplace_back(), last_of(browser, position, count));
    for (const Place& place : places.back()) all.emplace_back(place.timestamp_us, places.size() - 1);
    position.committed = position.end;
  }
  std::stable_sort(all.begin(), all.end(), std::greater<>{});
  if (all.size() > count) all.resize(count);
  std::vector<std::size_t> shares(positions.size());
  for (const auto& [time, whose] : all) ++shares[whose];
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (shares[i] > 0) positions[i].committed = places[i][places[i].size() - shares[i]].offset;
  }
  return {};
}

// Prints what there is from each position on, up to `left` records. True when something was printed.
Result<bool> show_new(Browser& browser, std::vector<Position>& positions, std::uint64_t& left, const Printing& show) {
  bool any = false;
  for (Position& position : positions) {
    while (left != 0) {
      EDDY_ASSIGN(const auto records,
                  browser.read(position.partition, position.committed, std::min<std::uint64_t>(left, kPeekedAtOnce)));
      if (records.empty()) break;
      for (const Record& record : records) show(record);
      position.committed = records.back().offset + 1;
      left -= records.size();
      any = true;
    }
  }
  return any;
}

Result<void> peek(const PeekOptions& options) {
  EDDY_ASSIGN(const Settings settings, load(options.common));
  EDDY_ASSIGN(const auto transport, open_transport(settings, TransportUse::kTool));
  EDDY_ASSIGN(const StreamId id, transport->find_stream(options.stream));
  static_cast<void>(id);
  EDDY_ASSIGN(ShownRecords shown, shown_of(options, settings));
  const Printing show{std::move(shown), options.common.json};
  EDDY_ASSIGN(const auto browser, transport->open_browser(options.stream));
  EDDY_ASSIGN(auto positions, transport->positions("", options.stream));
  EDDY_TRY(seek_newest(*browser, positions, options.count));
  std::uint64_t left = options.count;
  EDDY_ASSIGN(bool any, show_new(*browser, positions, left, show));
  while (options.follow) {
    std::fflush(stdout);
    if (!any) browser->wait(kFollowWait);
    left = UINT64_MAX;
    EDDY_ASSIGN(any, show_new(*browser, positions, left, show));
  }
  return {};
}

}  // namespace

void add_peek(CommandLine& line) {
  auto options = std::make_shared<PeekOptions>();
  CLI::App* command = line.app.add_subcommand("peek", "Read the newest records of a stream without consuming them");
  command->add_option("stream", options->stream, "Stream or queue")->required();
  command->add_option("-n", options->count, "How many records (default 10)");
  command->add_flag("--follow,-f", options->follow, "Go on with what comes");
  command->add_flag("--reveal", options->reveal, "Show what redact hides; noted in the audit log");
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = peek(*options);
    line.exit_code = done ? kExitDone : report(done.error());
  });
}

}  // namespace eddy::host
