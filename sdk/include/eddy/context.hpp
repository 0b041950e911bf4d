// SPDX-License-Identifier: Apache-2.0
// The call a function runs in: its input record, and what its outputs take over from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "eddy/host.hpp"
#include "eddy/record.hpp"

namespace eddy {

// Lives for one call, on one thread. What is set holds for every output of the call, whenever it is set in it.
class Context {
 public:
  Context(eddy_call* call, const eddy_record& record)
      : call_(call), record_(record), headers_(record.headers), header_count_(record.header_count) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const Record& record() const noexcept { return record_; }
  std::string_view key() const noexcept { return record_.key(); }
  bool has_key() const noexcept { return record_.has_key(); }
  Headers headers() const noexcept { return record_.headers(); }
  std::optional<std::string_view> header(std::string_view name) const { return record_.header(name); }
  std::string_view stream() const noexcept { return record_.stream(); }
  std::uint32_t partition() const noexcept { return record_.partition(); }
  std::int64_t offset() const noexcept { return record_.offset(); }
  Timestamp timestamp() const noexcept { return record_.timestamp(); }

  // True when the host would like the call to end soon: its deadline has passed, its function is to end or to begin
  // anew, or the host is shutting down. What the call then returns counts as always.
  bool cancelled() const noexcept { return detail::plugin_host->cancelled(call_) != 0; }

  // The outputs' key; set_key({}) writes a null key.
  void set_key(std::string_view key) {
    key_ = detail::scratch_copy(call_, key);
    flags_ |= EDDY_OUTPUT_KEY;
  }
  // Sets the value of the first header of this name, or adds one at the end.
  void set_header(std::string_view name, std::string_view value) { change_header(name, value, true); }
  // Adds a header at the end, also when there is one of this name.
  void add_header(std::string_view name, std::string_view value) { change_header(name, value, false); }
  // Takes out every header of this name.
  void remove_header(std::string_view name) {
    auto* kept = detail::scratch_array<eddy_header>(call_, static_cast<std::size_t>(header_count_));
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < header_count_; ++i) {
      if (detail::to_view(headers_[i].name) != name) kept[count++] = headers_[i];
    }
    use_headers(kept, count);
  }
  void set_timestamp(Timestamp time) {
    timestamp_us_ = time.microseconds;
    flags_ |= EDDY_OUTPUT_TIMESTAMP;
  }
  void set_partition(std::uint32_t partition) {
    partition_ = partition;
    flags_ |= EDDY_OUTPUT_PARTITION;
  }

  // For the SDK: what was set, into one output.
  void apply(eddy_output& output) const noexcept {
    output.flags |= flags_;
    if ((flags_ & EDDY_OUTPUT_KEY) != 0) output.key = key_;
    if ((flags_ & EDDY_OUTPUT_HEADERS) != 0) {
      output.headers = headers_;
      output.header_count = header_count_;
    }
    if ((flags_ & EDDY_OUTPUT_TIMESTAMP) != 0) output.timestamp_us = timestamp_us_;
    if ((flags_ & EDDY_OUTPUT_PARTITION) != 0) output.partition = partition_;
  }

 private:
  void change_header(std::string_view name, std::string_view value, bool replace) {
    auto* changed = detail::scratch_array<eddy_header>(call_, static_cast<std::size_t>(header_count_) + 1);
    std::uint64_t at = header_count_;
    for (std::uint64_t i = 0; i < header_count_; ++i) {
      changed[i] = headers_[i];
      if (replace && at == header_count_ && detail::to_view(headers_[i].name) == name) at = i;
    }
    changed[at] = {detail::scratch_copy(call_, name), detail::scratch_copy(call_, value)};
    use_headers(changed, at == header_count_ ? header_count_ + 1 : header_count_);
  }
  void use_headers(const eddy_header* headers, std::uint64_t count) {
    headers_ = headers;
    header_count_ = count;
    flags_ |= EDDY_OUTPUT_HEADERS;
  }

  eddy_call* call_;
  Record record_;
  std::uint32_t flags_ = 0;
  std::uint32_t partition_ = 0;
  std::int64_t timestamp_us_ = 0;
  eddy_str key_{nullptr, 0};
  const eddy_header* headers_;
  std::uint64_t header_count_;
};

}  // namespace eddy
