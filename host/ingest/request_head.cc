// SPDX-License-Identifier: Apache-2.0
#include "ingest/request_head.h"

#include <algorithm>

namespace eddy::host {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::string_view RequestHead::path() const {
  std::string_view text = target;
  if (const auto scheme = text.find("://"); scheme != text.npos && text.front() != '/') {
    const auto slash = text.find('/', scheme + 3);
    text = slash == text.npos ? std::string_view("/") : text.substr(slash);
  }
  return text.substr(0, text.find_first_of("?#"));
}

void RequestHead::clear() {
  verb = boost::beast::http::verb::unknown;
  method.clear();
  target.clear();
  http_1_1 = true;
  for (HeadField* field : {&host, &content_length, &transfer_encoding, &content_type, &content_encoding, &authorization,
                           &expect, &request_id, &idempotency_key, &origin, &asked_method, &traceparent, &tracestate}) {
    field->clear();
  }
}

HeadScan scan_head(std::string_view bytes, std::size_t& at) {
  while (true) {
    const std::size_t end = bytes.find('\n', at);
    if (end == bytes.npos) {
      at = bytes.size();
      return HeadScan::kIncomplete;
    }
    if (end == 0 || bytes[end - 1] != '\r') return HeadScan::kBareLineFeed;
    if (end >= 2 && bytes[end - 2] == '\n') {
      at = end + 1;
      return HeadScan::kComplete;
    }
    if (end + 1 == bytes.size()) {
      at = end;  // what the next line begins with is not here yet
      return HeadScan::kIncomplete;
    }
    if (bytes[end + 1] == ' ' || bytes[end + 1] == '\t') return HeadScan::kFolded;
    at = end + 1;
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace eddy::host
