// SPDX-License-Identifier: Apache-2.0
#include "cli/golden.h"

#include <filesystem>
#include <fstream>
#include <map>

#include "base/encoding.h"

namespace eddy::host {

namespace {

using LinesByRecord = std::map<std::size_t, std::vector<std::string>>;  // by number, from 1

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// JSON as it is, other text as a string, other bytes in base64.
Json value_of(std::string_view bytes) {
  Json json = Json::parse(bytes, nullptr, false);
  if (!json.is_discarded()) return json;
  return json_of(Bytes(bytes));
}

std::string line_of(std::size_t record, const Json& ending) {
  Json line{{"record", record}};
  line.update(ending);
  return line_of(line);
}

LinesByRecord lines_of(const std::vector<TrialRecord>& records) {
  LinesByRecord lines;
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const Json& ending : records[i].lines) lines[i + 1].push_back(line_of(i + 1, ending));
  }
  return lines;
}

Error unreadable(const std::string& file, std::size_t number, const std::string& why) {
  return Error{Code::kBadData, file + ":" + std::to_string(number) + ": " + why + "; write it with --update-golden"};
}

// Lines are written again, so that only their content counts, not their spaces.
Result<LinesByRecord> read_golden(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Code::kBadData, file + ": cannot be opened; make it with --update-golden"};
  LinesByRecord lines;
  std::size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (text.empty()) continue;
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) return unreadable(file, number, "expected a JSON object");
    const auto record = line.find("record");
    if (record == line.end() || !record->is_number_unsigned()) return unreadable(file, number, "no \"record\"");
    lines[record->get<std::size_t>()].push_back(line_of(line));
  }
  return lines;
}

std::string block(std::size_t record, const std::string& input, const std::vector<std::string>& expected,
                  const std::vector<std::string>& found) {
  std::string text = "record " + std::to_string(record) + (input.empty() ? "" : ": " + input) + "\n";
  for (const std::string& line : expected) text += "  - " + line + "\n";
  for (const std::string& line : found) text += "  + " + line + "\n";
  return text;
}

}  // namespace

Json golden_letter(std::string_view envelope) {
  const Json whole = Json::parse(envelope, nullptr, false);
  if (!whole.is_object()) return value_of(envelope);
  Json kept = Json::object();
  for (const char* field :
       {"error_type", "error_message", "source", "attempts", "original_encoding", "original_record"}) {
    if (whole.contains(field)) kept[field] = whole[field];
  }
  return kept;
}

Json golden_output(std::string_view value, const std::vector<std::string>& ignored) {
  Json json = value_of(value);
  for (const std::string& text : ignored) {
    const Json::json_pointer pointer(text);
    if (pointer.empty() || !json.contains(pointer)) continue;
    Json& parent = json[pointer.parent_pointer()];
    if (parent.is_object()) parent.erase(pointer.back());
  }
  return json;
}

std::string golden_file(const std::string& path, const std::string& function) {
  std::error_code ignored;
  if (!path.ends_with('/') && !std::filesystem::is_directory(path, ignored)) return path;
  return (std::filesystem::path(path) / (function + ".golden.ndjson")).string();
}

Result<void> write_golden(const std::string& file, const std::vector<TrialRecord>& records) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(file).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  for (const auto& [record, lines] : lines_of(records)) {
    for (const std::string& line : lines) out << line << '\n';
  }
  out.close();
  if (!out) return Error{Code::kUnavailable, fresh + ": cannot be written"};
  std::error_code error;
  std::filesystem::rename(fresh, file, error);
  if (error) return Error{Code::kUnavailable, file + ": cannot be written: " + error.message()};
  return {};
}

Result<std::string> compare_golden(const std::string& file, const std::vector<TrialRecord>& records) {
  EDDY_ASSIGN(LinesByRecord expected, read_golden(file));
  LinesByRecord found = lines_of(records);
  for (const auto& [record, lines] : expected) found[record];  // what only the file has differs as well
  std::string text;
  for (const auto& [record, lines] : found) {
    if (expected[record] == lines) continue;
    text += block(record, record <= records.size() ? records[record - 1].input : "", expected[record], lines);
  }
  return text.empty() ? text : "--- " + file + "\n+++ now\n" + text;
}

}  // namespace eddy::host
