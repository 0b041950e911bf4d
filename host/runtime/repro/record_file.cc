// SPDX-License-Identifier: Apache-2.0
#include "runtime/repro/record_file.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/encoding.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kRecordPadding = 64;

Json bytes_json(Bytes bytes) {
  if (bytes.null()) return nullptr;
  if (is_utf8(bytes.view())) return {{"text", bytes.view()}};
  return {{"base64", to_base64(bytes.view())}};
}

// Throws what nlohmann_json throws, and std::invalid_argument.
OwnedBytes bytes_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  if (json.contains("text")) return json.at("text").get<std::string>();
  auto bytes = from_base64(json.at("base64").get<std::string>());
  if (!bytes) throw std::invalid_argument("expected standard base64, found " + json.at("base64").dump());
  return bytes;
}

}  // namespace

std::string RecordFile::text_of(const Task& task) {
  const Record& record = task.record;
  Json headers = Json::array();
  for (const Header& header : record.headers) {
    headers.push_back({{"name", bytes_json(header.name)}, {"value", bytes_json(header.value)}});
  }
  const Json json{{"key", bytes_json(record.key)},
                  {"value", bytes_json(record.value)},
                  {"headers", std::move(headers)},
                  {"stream", task.origin.stream},
                  {"partition", task.origin.partition},
                  {"offset", task.origin.offset},
                  {"timestamp", to_rfc3339(record.timestamp_us)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<RecordFile> RecordFile::read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad()) return Error{Code::kBadData, path + ": cannot be read"};
  RecordFile file;
  try {
    const Json json = Json::parse(text.str());
    file.key_ = bytes_from(json.at("key"));
    file.value_ = bytes_from(json.at("value"));
    for (const Json& header : json.at("headers")) {
      file.header_bytes_.emplace_back(bytes_from(header.at("name")), bytes_from(header.at("value")));
    }
    file.stream_ = json.at("stream");
    file.partition_ = json.at("partition");
    file.offset_ = json.at("offset");
    file.timestamp_us_ = from_rfc3339(json.at("timestamp").get<std::string>()).value_or(0);
  } catch (const std::exception& error) {
    return Error{Code::kBadData, path + ": expected a record as `eddy dlq repro` writes it, found: " + error.what()};
  }
  if (file.value_) {
    file.value_size_ = file.value_->size();
    file.value_->append(kRecordPadding, '\0');
  }
  return file;
}

Task RecordFile::task() {
  headers_.clear();
  for (const auto& [name, value] : header_bytes_) headers_.push_back({bytes_of(name), bytes_of(value)});
  Record record;
  record.key = bytes_of(key_);
  record.value = value_ ? Bytes(value_->data(), value_size_) : Bytes();
  record.headers = headers_;
  record.timestamp_us = timestamp_us_;
  record.partition = partition_;
  record.offset = offset_;
  return {record, {stream_, partition_, offset_}, 0};
}

}  // namespace eddy::host
