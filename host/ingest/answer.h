// SPDX-License-Identifier: Apache-2.0
// What a request is answered with, and how that is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eddy::host {

struct Answer {
  int status = 0;  // 0: none yet
  std::string body;
  std::string headers;  // more header lines, each with its line end
  bool close = false;   // the connection ends with it

  void clear() {
    status = 0;
    body.clear();
    headers.clear();
    close = false;
  }
  // {"error":"…"}
  void refuse(int code, std::string_view text);
  void add_header(std::string_view name, std::string_view value);
};

// The lists of a request's failed elements, as they come.
class ErrorList {
 public:
  void clear();
  std::size_t size() const { return entries_.size(); }  // in bytes
  void add(std::uint64_t index, std::string_view pointer, std::string_view message, std::string_view dead_letter_id);
  bool empty() const { return entries_.empty(); }
  // {"accepted":n} or {"accepted":n,"errors":[…]}
  void render(std::uint64_t accepted, std::string& out) const;

 private:
  std::string entries_;
};

// A client may name its request; anything that could break a log or a header is not taken.
bool sane_request_id(std::string_view text);
// 1 to 255 visible characters.
bool sane_idempotency_key(std::string_view text);

// "OK". Of the codes that are answered.
std::string_view reason_of(int status);

// The whole response. `date` as HTTP writes it; `head_only`: to HEAD.
struct ResponseFrame {
  std::string_view date, request_id;
  bool http_1_1 = true;
  bool keep_alive = true;
  bool head_only = false;
};
void render_response(const Answer& answer, const ResponseFrame& frame, std::string& out);

// "Tue, 24 Nov 2026 04:05:06 GMT"
std::string http_date(std::int64_t now_us);

}  // namespace eddy::host
