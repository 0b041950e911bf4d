// SPDX-License-Identifier: Apache-2.0
// Beast's parser, keeping only what is wanted: no container of fields, so no allocation per request.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <string>

#include "ingest/request_head.h"

namespace eddy::host {

// Readable bytes after a body's end; what the decoder asks for.
inline constexpr std::size_t kBodyPadding = 64;

// One for each request. Feeds `head`, then `body`; both must stay while it works.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(RequestHead& head, std::string& body, std::uint64_t max_body);

  // From here on the body's bytes are counted and not kept.
  void discard() { discard_ = true; }
  std::uint64_t received() const { return received_; }
  // The last error was ours: the body is larger than allowed.
  bool too_large() const { return too_large_; }

 private:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version, Error& error) override;
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(boost::beast::http::field name, Text text, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, Error& error) override;
  std::size_t on_body_impl(Text bytes, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extension, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text bytes, Error& error) override;
  void on_finish_impl(Error& error) override;

  RequestHead& head_;
  std::string& body_;
  const std::uint64_t max_body_;
  std::uint64_t received_ = 0;
  bool discard_ = false;
  bool too_large_ = false;
  bool in_header_ = true;
};

}  // namespace eddy::host
