// SPDX-License-Identifier: Apache-2.0
#include "ingest/answer.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/encoding.h"

namespace eddy::host {
namespace {

constexpr std::size_t kLongestRequestId = 128;
constexpr std::size_t kLongestKey = 255;
constexpr std::size_t kKeptErrors = 256 * 1024;  // memory for the next request

void append_number(std::string& out, std::uint64_t number) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

bool visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

void Answer::refuse(int code, std::string_view text) {
  status = code;
  body = R"({"error":)";
  append_json_string(body, text);
  body.push_back('}');
}

void Answer::add_header(std::string_view name, std::string_view value) {
  headers.append(name).append(": ").append(value).append("\r\n");
}

void ErrorList::clear() {
  entries_.clear();
  if (entries_.capacity() > kKeptErrors) entries_.shrink_to_fit();
}

void ErrorList::add(std::uint64_t index, std::string_view pointer, std::string_view message,
                    std::string_view dead_letter_id) {
  entries_.append(entries_.empty() ? R"({"index":)" : R"(,{"index":)");
  append_number(entries_, index);
  entries_.append(R"(,"pointer":)");
  append_json_string(entries_, pointer);
  entries_.append(R"(,"message":)");
  append_json_string(entries_, message);
  if (!dead_letter_id.empty()) {
    entries_.append(R"(,"dead_letter_id":)");
    append_json_string(entries_, dead_letter_id);
  }
  entries_.push_back('}');
}

void ErrorList::render(std::uint64_t accepted, std::string& out) const {
  out.assign(R"({"accepted":)");
  append_number(out, accepted);
  if (!entries_.empty()) out.append(R"(,"errors":[)").append(entries_).push_back(']');
  out.push_back('}');
}

bool sane_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRequestId && visible(text);
}

bool sane_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= kLongestKey && visible(text);
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 207:
      return "Multi-Status";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

void render_response(const Answer& answer, const ResponseFrame& frame, std::string& out) {
  out.assign("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(answer.status));
  out.append(" ").append(reason_of(answer.status));
  out.append("\r\nDate: ").append(frame.date);
  if (!frame.request_id.empty()) out.append("\r\nX-Request-Id: ").append(frame.request_id);
  if (!frame.keep_alive) {
    out.append("\r\nConnection: close");
  } else if (!frame.http_1_1) {
    out.append("\r\nConnection: keep-alive");
  }
  out.append("\r\n").append(answer.headers);
  if (answer.status != 204) {
    out.append("Content-Type: application/json\r\nContent-Length: ");
    append_number(out, answer.body.size());
    out.append("\r\n");
  }
  out.append("\r\n");
  if (answer.status != 204 && !frame.head_only) out.append(answer.body);
}

std::string http_date(std::int64_t now_us) {
  const auto seconds = static_cast<std::time_t>(now_us / 1'000'000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  // The C locale's names, which is what the host runs with.
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

}  // namespace eddy::host
