// SPDX-License-Identifier: Apache-2.0
#include "bare_body.h"

#include <algorithm>
#include <utility>

namespace eddy::bench {
namespace {

namespace od = simdjson::ondemand;

// A value as it is meant, as a program would that does something with it.
bool read(od::value value, std::string_view* text) {
  switch (value.type()) {
    case od::json_type::string: {
      std::string_view content;
      if (value.get_string().get(content) != simdjson::SUCCESS) return false;
      if (text != nullptr) *text = content;
      return true;
    }
    case od::json_type::number:
      return value.get_number().error() == simdjson::SUCCESS;
    case od::json_type::boolean:
      return value.get_bool().error() == simdjson::SUCCESS;
    case od::json_type::null:
      return value.is_null();
    default:
      return value.raw_json_token().size() > 0;
  }
}

std::string_view without_space(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return last == text.npos ? std::string_view() : text.substr(0, last + 1);
}

}  // namespace

bool BareBody::parse(const std::string& body, bool lines, std::vector<host::OutRecord>& records) {
  if (lines) return parse_lines(body, records);
  if (body.empty() || body.front() != '[') return parse_one(body, body.capacity(), records);
  od::document document;
  const simdjson::padded_string_view text(body.data(), body.size(), body.capacity());
  return parser_.iterate(text).get(document) == simdjson::SUCCESS && parse_array(document, records);
}

bool BareBody::parse_lines(const std::string& body, std::vector<host::OutRecord>& records) {
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    const std::string_view line(body.data() + begin, end - begin);
    if (!line.empty() && !parse_one(line, body.capacity() - begin, records)) return false;
    begin = end + 1;
  }
  return true;
}

bool BareBody::parse_one(std::string_view text, std::size_t capacity, std::vector<host::OutRecord>& records) {
  od::document document;
  od::object object;
  std::string_view key;
  const simdjson::padded_string_view padded(text.data(), text.size(), capacity);
  if (parser_.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  if (document.get_object().get(object) != simdjson::SUCCESS || !walk(object, key)) return false;
  records.push_back({host::Bytes(key), host::Bytes(text), {}, 0, {}});
  return true;
}

bool BareBody::parse_array(od::document& document, std::vector<host::OutRecord>& records) {
  od::array array;
  if (document.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto element : array) {
    od::value value;
    od::object object;
    std::string_view key;
    if (element.get(value) != simdjson::SUCCESS) return false;
    const char* const begin = value.raw_json_token().data();
    if (value.get_object().get(object) != simdjson::SUCCESS || !walk(object, key)) return false;
    const char* end = nullptr;  // the comma or bracket behind the element
    if (document.current_location().get(end) != simdjson::SUCCESS) return false;
    const std::string_view text = without_space({begin, static_cast<std::size_t>(end - begin)});
    records.push_back({host::Bytes(key), host::Bytes(text), {}, 0, {}});
  }
  return true;
}

bool BareBody::walk(od::object object, std::string_view& key) {
  bool first = true;
  for (auto field : object) {
    od::value value;
    if (field.error() != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) return false;
    if (!read(value, std::exchange(first, false) ? &key : nullptr)) return false;
  }
  return true;
}

}  // namespace eddy::bench
