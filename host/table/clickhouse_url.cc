// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/percent.h"

namespace eddy::host::table {
namespace {

constexpr std::string_view kScheme = "clickhouse://";

Error unreadable(std::string_view what) {
  return {Code::kConfig, fmt::format("tables.url: expected clickhouse://USER:PASSWORD@HOST:8123/DATABASE?OPTION=VALUE, "
                                     "found a url whose {}; write special characters of user and password as %XX",
                                     what)};
}

// Takes what stands before the first of `marks` off the front, and the mark too; all of it when there is none.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t at = std::min(text.find(mark), text.size());
  const std::string_view front = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return front;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, port).ptr == end && port > 0 && port <= 65'535;
}

Result<void> read_user(std::string_view text, ClickHouseUrl& url) {
  const auto user = percent_decode(cut(text, ':'));
  const auto password = percent_decode(text);
  if (!user || !password) return unreadable("user or password has a % without two hexadecimal digits");
  if (!user->empty()) url.user = *user;
  url.password = *password;
  return {};
}

Result<void> read_host(std::string_view text, ClickHouseUrl& url) {
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    url.host = cut(text, ']');
    if (!text.empty() && !text.starts_with(':')) return unreadable("host cannot be read");
    cut(text, ':');
  } else {
    url.host = cut(text, ':');
  }
  if (url.host.empty()) return unreadable("host is missing");
  if (text.empty()) return {};
  if (!is_port(text)) return unreadable("port is none");
  url.port = text;
  return {};
}

Result<void> read_options(std::string_view text, ClickHouseUrl& url) {
  while (!text.empty()) {
    std::string_view option = cut(text, '&');
    const auto name = percent_decode(cut(option, '='));
    const auto value = percent_decode(option);
    if (!name || !value || name->empty()) return unreadable("options cannot be read");
    if (*name == "secure") {
      url.secure = *value == "1" || *value == "true";
    } else if (*name == "ca_file") {
      url.ca_file = *value;
    } else {
      url.settings.emplace_back(*name, *value);
    }
  }
  return {};
}

}  // namespace

Result<ClickHouseUrl> parse_clickhouse_url(const std::string& text) {
  ClickHouseUrl url;
  std::string_view rest(text);
  if (!rest.starts_with(kScheme)) return unreadable("scheme is another");
  rest.remove_prefix(kScheme.size());
  std::string_view options = rest;
  rest = cut(options, '?');
  EDDY_TRY(read_options(options, url));
  if (url.secure) url.port = "8443";
  std::string_view path = rest;
  std::string_view authority = cut(path, '/');
  if (std::ranges::count(authority, '@') > 1) return unreadable("user or password has an @");
  if (authority.find('@') != authority.npos) EDDY_TRY(read_user(cut(authority, '@'), url));
  EDDY_TRY(read_host(authority, url));
  const auto database = percent_decode(path);
  if (!database || database->find('/') != database->npos) return unreadable("database cannot be read");
  if (!database->empty()) url.database = *database;
  return url;
}

std::string describe(const ClickHouseUrl& url) {
  return fmt::format("clickhouse {}@{}:{}/{}", url.user, url.host, url.port, url.database);
}

}  // namespace eddy::host::table
