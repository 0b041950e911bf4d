// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>

#include "base/encoding.h"

namespace eddy::host {

namespace {
// Where a configuration is looked for; the second is that of the service.
constexpr const char* kDefaultConfigs[] = {"config/eddy.yaml", "/etc/eddy/eddy.yaml"};
}  // namespace

int exit_code(const Error& error) {
  switch (error.code) {
    case Code::kUsage:
      return kExitUsage;
    case Code::kBadData:
    case Code::kTooLarge:
    case Code::kCorrupt:
      return kExitBadData;
    case Code::kUnavailable:
    case Code::kConflict:
      return kExitUnavailable;
    case Code::kConfig:
      return kExitConfig;
    case Code::kRefused:
    case Code::kInternal:
      return kExitFailures;
  }
  return kExitFailures;
}

int report(const Error& error) {
  if (!error.text.empty()) std::fprintf(stderr, "eddy: %s\n", error.text.c_str());
  return exit_code(error);
}

void add_common(CLI::App& command, CommonOptions& options) {
  command.add_option("-c,--config", options.config,
                     "Configuration file (default: config/eddy.yaml, else /etc/eddy/eddy.yaml, when it is there)");
  command.add_flag("--json", options.json, "Print JSON");
}

namespace {

Result<Settings> load_file(const CommonOptions& options, bool may_be_empty) {
  std::string file = options.config;
  for (const char* place : kDefaultConfigs) {
    std::error_code failed;
    if (file.empty() && std::filesystem::exists(place, failed)) file = place;
  }
  if (file.empty()) return Settings{};
  LoadedSettings loaded = load_settings(file);
  if (loaded.empty && !may_be_empty) {
    return Error{Code::kConfig, file + ": expected a configuration, found an empty file; write {} for the defaults"};
  }
  if (loaded.errors.empty()) {
    use_letter_keys(loaded.settings.letter_keys);
    return std::move(loaded.settings);
  }
  for (const Finding& finding : loaded.errors) std::fprintf(stderr, "%s\n", finding.message().c_str());
  const std::size_t count = loaded.errors.size();
  return Error{Code::kConfig, file + ": " + std::to_string(count) + (count == 1 ? " error" : " errors")};
}

}  // namespace

Result<Settings> load(const CommonOptions& options) { return load_file(options, true); }

Result<Settings> load_again(const CommonOptions& options) { return load_file(options, false); }

Table::Table(std::vector<std::string> header) {
  for (std::string& cell : header) {
    std::transform(cell.begin(), cell.end(), cell.begin(), [](unsigned char c) { return std::toupper(c); });
  }
  rows_.push_back(std::move(header));
}

void Table::row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

namespace {

// Characters, not bytes: continuation bytes take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  std::vector<bool> numbers(widths.size(), rows_.size() > 1);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t c = 0; c < widths.size(); ++c) {
      widths[c] = std::max(widths[c], width(rows_[r][c]));
      if (r != 0) numbers[c] = numbers[c] && is_number(rows_[r][c]);
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - width(row[c]), ' ');
      line += (c != 0 ? "  " : "") + (numbers[c] ? space + row[c] : row[c] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const Json& json) { print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

Json signer_json(const Signer& signer) {
  if (signer.key.empty()) return nullptr;
  return {{"key", signer.key}, {"name", signer.name}, {"comment", signer.comment}};
}

}  // namespace eddy::host
