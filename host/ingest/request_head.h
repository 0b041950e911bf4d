// SPDX-License-Identifier: Apache-2.0
// What the host reads of a request's header, and nothing else of it.
#pragma once

#include <boost/beast/http/verb.hpp>
#include <optional>
#include <ostream>  // verb.hpp needs it, and does not include it
#include <string>
#include <string_view>

namespace eddy::host {

// A header field that was there, also when it was empty. Keeps its memory from request to request.
struct HeadField {
  std::string value;
  unsigned seen = 0;

  bool present() const { return seen > 0; }
  std::optional<std::string_view> get() const {
    return present() ? std::optional<std::string_view>(value) : std::nullopt;
  }
  void clear() {
    value.clear();
    seen = 0;
  }
};

struct RequestHead {
  boost::beast::http::verb verb = boost::beast::http::verb::unknown;
  std::string method;
  std::string target;
  bool http_1_1 = true;
  HeadField host, content_length, transfer_encoding, content_type, content_encoding, authorization, expect;
  HeadField request_id, idempotency_key, origin, asked_method;
  HeadField traceparent, tracestate;  // of several states, all, in their order

  // Of the target: without scheme and host, query and fragment.
  std::string_view path() const;
  void clear();
};

// The end of a head in `bytes`.
enum class HeadScan { kIncomplete, kComplete, kBareLineFeed, kFolded };

// Looks for the empty line, from `at` on, and checks the line ends on the way: those that clients and proxies may read
// in two ways are no request here. kComplete: `at` is the size of the head; kIncomplete: where to go on.
HeadScan scan_head(std::string_view bytes, std::size_t& at);

// Without white space around it.
std::string_view trimmed(std::string_view text);
// ASCII letters only, as in all of HTTP's own words.
bool same_word(std::string_view a, std::string_view b);

}  // namespace eddy::host
