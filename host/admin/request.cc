// SPDX-License-Identifier: Apache-2.0
#include "admin/request.h"

#include <charconv>

#include "admin/json_shape.h"
#include "base/percent.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

Error expected(std::string_view key, const std::string& what, std::string_view found) {
  return {Code::kUsage, std::string(key) + ": expected " + what + ", found \"" + std::string(found) + "\""};
}

}  // namespace

const std::string& ApiRequest::parameter(std::string_view name) const {
  static const std::string kNone;
  const auto found = parameters.find(name);
  return found != parameters.end() ? found->second : kNone;
}

std::optional<std::string_view> ApiRequest::first(std::string_view key) const {
  for (auto at = query.rbegin(); at != query.rend(); ++at) {
    if (at->first == key) return at->second;
  }
  return std::nullopt;
}

std::vector<std::string> ApiRequest::all(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : query) {
    if (name == key) values.push_back(value);
  }
  return values;
}

Result<bool> ApiRequest::flag(std::string_view key) const {
  const auto text = first(key);
  if (!text || *text == "false") return false;
  if (text->empty() || *text == "true") return true;
  return expected(key, "true or false", *text);
}

Result<std::int64_t> ApiRequest::integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                                         std::int64_t most) const {
  const auto text = first(key);
  if (!text) return fallback;
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [at, failed] = std::from_chars(text->data(), end, number);
  if (failed == std::errc() && at == end && number >= least && number <= most) return number;
  return expected(key, "a number from " + std::to_string(least) + " to " + std::to_string(most), *text);
}

Result<Json> ApiRequest::json() const {
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return Json::object();
  EDDY_TRY(check_json_shape(body));
  try {
    Json json = Json::parse(body);
    if (json.is_object()) return json;
    return Error{Code::kUsage, std::string("the body: expected a JSON object, found ") + json.type_name()};
  } catch (const Json::parse_error& error) {
    return Error{Code::kUsage, "the body: expected a JSON object; at byte " + std::to_string(error.byte) +
                                   " it is not JSON: " + error.what()};
  } catch (const Json::exception& error) {
    return Error{Code::kUsage, std::string("the body: expected JSON that can be read: ") + error.what()};
  }
}

std::optional<Query> parse_query(std::string_view target) {
  Query query;
  const std::size_t begin = target.find('?');
  if (begin == std::string_view::npos) return query;
  std::string_view rest = target.substr(begin + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto key = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) return std::nullopt;
    query.emplace_back(*std::move(key), *std::move(value));
  }
  return query;
}

std::string_view path_of(std::string_view target) {
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace eddy::host
