// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_connection.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/encoding.h"
#include "base/percent.h"

namespace eddy::host::table {
namespace {

constexpr unsigned kOk = 200, kUnauthorised = 401, kForbidden = 403;
constexpr int kAuthenticationFailed = 516;
constexpr std::string_view kExceptionCode = "X-ClickHouse-Exception-Code";

// Each statement says what it relies on, whatever the user's profile is. One block an INSERT: only a block goes in
// whole or not at all.
constexpr std::pair<std::string_view, std::string_view> kSettings[] = {
    {"wait_end_of_query", "1"},
    {"max_execution_time", "30"},
    {"max_query_size", "16777216"},
    {"output_format_json_quote_64bit_integers", "1"},
    {"use_query_cache", "0"},
    {"async_insert", "0"},
    {"insert_deduplicate", "0"},
    {"max_threads", "1"},
    {"max_insert_threads", "1"},
    {"input_format_parallel_parsing", "0"},
    {"max_insert_block_size", "4194304"},
    {"min_insert_block_size_rows", "4194304"},
    {"min_insert_block_size_bytes", "0"},
};

std::string make_target(const ClickHouseUrl& url) {
  std::string target = "/?database=" + percent_encode(url.database);
  for (const auto& [name, value] : kSettings) target += fmt::format("&{}={}", name, value);
  for (const auto& [name, value] : url.settings) {
    target += fmt::format("&{}={}", percent_encode(name), percent_encode(value));
  }
  return target;
}

ClickHouseFailure failure_of(const HttpAnswer& answer) {
  ClickHouseFailure failure{to_integer<int>(answer.header(kExceptionCode)), plain_message(answer.body)};
  constexpr std::string_view kCode = "Code: ";
  if (failure.code == 0 && answer.body.starts_with(kCode)) {
    failure.code = to_integer<int>(std::string_view(answer.body).substr(kCode.size()));
  }
  if (failure.code != 0) return failure;
  if (answer.status == kUnauthorised || answer.status == kForbidden) failure.code = kAuthenticationFailed;
  failure.message = fmt::format("HTTP status {}: {}", answer.status, failure.message);
  return failure;
}

}  // namespace

ClickHouseConnection::ClickHouseConnection(const ClickHouseOptions& options)
    : where_(options.where),
      target_(make_target(options.url)),
      headers_{{"Authorization", "Basic " + to_base64(options.url.user + ":" + options.url.password)}},
      client_({options.url.host, options.url.port, options.url.secure, {.ca_file = options.url.ca_file}},
              options.patience) {}

std::optional<ClickHouseFailure> ClickHouseConnection::ask(std::string_view body, std::string_view mark,
                                                           std::string& answer) {
  auto answered =
      client_.ask("POST", mark.empty() ? target_ : fmt::format("{}&log_comment={}", target_, mark), headers_, body);
  if (!answered) {
    why_ = answered.error().code;
    return ClickHouseFailure{0, answered.error().text};
  }
  if (answered->status != kOk || !answered->header(kExceptionCode).empty()) {
    why_ = Code::kUnavailable;
    return failure_of(*answered);
  }
  answer = std::move(answered->body);
  return std::nullopt;
}

std::optional<ClickHouseFailure> ClickHouseConnection::run(std::string_view sql, std::string_view data,
                                                           std::string_view mark) {
  std::string body;
  body.reserve(sql.size() + data.size() + 1);
  body += sql;
  if (!data.empty()) body += '\n';
  body += data;
  std::string answer;
  return ask(body, mark, answer);
}

Result<void> ClickHouseConnection::must(std::string_view sql, std::string_view doing, std::string_view data,
                                        std::string_view mark) {
  if (const auto failure = run(sql, data, mark)) return error(*failure, doing);
  return {};
}

Result<ClickHouseLines> ClickHouseConnection::select(std::string_view sql, std::string_view doing) {
  std::string answer;
  if (const auto failure = ask(fmt::format("{} FORMAT JSONCompactEachRow", sql), {}, answer)) {
    return error(*failure, doing);
  }
  ClickHouseLines lines;
  for (std::string_view rest = answer; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto row = nlohmann::json::parse(rest.substr(0, end), nullptr, false);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!row.is_array()) {
      return Error{Code::kUnavailable, fmt::format("{}: {}: the answer is none of ClickHouse's; look at the host and "
                                                   "the port in tables.url, which is the one of HTTP",
                                                   where_, doing)};
    }
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(cell.is_string() ? cell.get<std::string>() : cell.dump());
  }
  return lines;
}

Error ClickHouseConnection::error(const ClickHouseFailure& failure, std::string_view doing) const {
  if (failure.code == 0 && why_ == Code::kConfig) {
    return {Code::kConfig, fmt::format("{}: {}: {}", where_, doing, failure.message)};
  }
  return to_error(failure, where_, doing);
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace eddy::host::table
