// SPDX-License-Identifier: Apache-2.0
// The end of a string as a plain buffer, so that writing a value is a copy and not a call. Private to this folder.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "model/json_scalar.h"

namespace eddy::host {

// While it lives the string is longer than its content; finish() or discard() makes it right again.
class JsonSink {
 public:
  JsonSink(std::string& out, std::size_t expected) : out_(out), begin_(out.size()) { open(begin_, expected); }

  void put(char c) {
    need(1);
    *at_++ = c;
  }
  void put(std::string_view text) {
    need(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  template <typename Integer>
  void put_integer(Integer value) {
    need(24);
    at_ = std::to_chars(at_, at_ + 24, value).ptr;
  }
  void put_number(double value) {
    need(kMaxNumberSize + 2);
    at_ = write_double(at_, value);
  }
  void put_number(float value) {
    need(kMaxNumberSize + 2);
    at_ = write_float(at_, value);
  }
  void put_time(std::int64_t us) {
    need(kRfc3339Size + 2);
    *at_++ = '"';
    write_rfc3339(at_, us);
    at_ += kRfc3339Size;
    *at_++ = '"';
  }
  // False, and nothing put, when the text is not UTF-8.
  bool put_string(std::string_view text) {
    if (json_plain_run(text) != text.size()) return put_escaped(text);
    need(text.size() + 2);
    *at_++ = '"';
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    *at_++ = '"';
    return true;
  }

  // The string itself, exactly as long as its content, for a writer that needs one; then go_on().
  std::string& finish() {
    out_.resize(static_cast<std::size_t>(at_ - out_.data()));
    return out_;
  }
  void go_on() { open(out_.size(), kSpare); }
  void discard() { out_.resize(begin_); }

 private:
  static constexpr std::size_t kSpare = 64;

  void open(std::size_t size, std::size_t room) {
    out_.resize(size + room);
    at_ = out_.data() + size;
    end_ = out_.data() + out_.size();
  }
  void need(std::size_t room) {
    if (static_cast<std::size_t>(end_ - at_) < room) grow(room);
  }
  void grow(std::size_t room) {
    const auto size = static_cast<std::size_t>(at_ - out_.data());
    open(size, std::max(room + kSpare, size - begin_));
  }
  bool put_escaped(std::string_view text) {
    const bool valid = try_append_json_string(finish(), text);
    go_on();
    return valid;
  }

  std::string& out_;
  std::size_t begin_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace eddy::host
