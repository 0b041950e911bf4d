// SPDX-License-Identifier: Apache-2.0
#include "ingest/request_parser.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <limits>

#include "ingest/trace_context.h"

namespace eddy::host {
namespace {

namespace http = boost::beast::http;

// A length that a client only claims gets no more memory than this before its bytes come.
constexpr std::uint64_t kTrustedLength = 256 * 1024;

HeadField* field_of(RequestHead& head, http::field name, boost::beast::string_view text) {
  switch (name) {
    case http::field::host:
      return &head.host;
    case http::field::content_length:
      return &head.content_length;
    case http::field::transfer_encoding:
      return &head.transfer_encoding;
    case http::field::content_type:
      return &head.content_type;
    case http::field::content_encoding:
      return &head.content_encoding;
    case http::field::authorization:
      return &head.authorization;
    case http::field::expect:
      return &head.expect;
    case http::field::origin:
      return &head.origin;
    case http::field::access_control_request_method:
      return &head.asked_method;
    case http::field::unknown:
      if (same_word({text.data(), text.size()}, "x-request-id")) return &head.request_id;
      if (same_word({text.data(), text.size()}, "idempotency-key")) return &head.idempotency_key;
      if (same_word({text.data(), text.size()}, kTraceparent)) return &head.traceparent;
      if (same_word({text.data(), text.size()}, kTracestate)) return &head.tracestate;
      return nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

RequestParser::RequestParser(RequestHead& head, std::string& body, std::uint64_t max_body)
    : head_(head), body_(body), max_body_(max_body) {
  head_.clear();
  body_.clear();
  // The limits are ours, so that their answers are, too.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  body_limit(std::numeric_limits<std::uint64_t>::max());
}

void RequestParser::on_request_impl(http::verb verb, Text method, Text target, int version, Error&) {
  head_.verb = verb;
  head_.method.assign(method.data(), method.size());
  head_.target.assign(target.data(), target.size());
  head_.http_1_1 = version >= 11;
}

void RequestParser::on_field_impl(http::field name, Text text, Text value, Error&) {
  if (!in_header_) return;  // trailers say nothing that counts
  HeadField* field = field_of(head_, name, text);
  if (field == nullptr) return;
  ++field->seen;
  if (field == &head_.tracestate && field->seen > 1) {
    field->value.append(",").append(value.data(), value.size());
  } else {
    field->value.assign(value.data(), value.size());
  }
}

void RequestParser::on_header_impl(Error&) { in_header_ = false; }

void RequestParser::on_body_init_impl(boost::optional<std::uint64_t> const& length, Error&) {
  if (discard_) return;
  const std::uint64_t wanted = std::min(length.value_or(0), kTrustedLength);
  body_.reserve(static_cast<std::size_t>(wanted) + kBodyPadding);
}

std::size_t RequestParser::on_body_impl(Text bytes, Error& error) {
  received_ += bytes.size();
  too_large_ = received_ > max_body_;
  if (too_large_) {
    error = http::error::body_limit;
    return 0;
  }
  if (!discard_) body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, Text, Error& error) {
  too_large_ = size > max_body_ || received_ + size > max_body_;
  if (too_large_) error = http::error::body_limit;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) {
  return on_body_impl(bytes, error);
}

void RequestParser::on_finish_impl(Error&) {}

}  // namespace eddy::host
