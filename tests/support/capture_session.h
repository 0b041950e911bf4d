// SPDX-License-Identifier: Apache-2.0
// A session that keeps what is written to it, in a form that tests can compare.
#pragma once

#include <string>
#include <vector>

#include "stream/transport.h"

namespace eddy::host::test {

// Where functions in tests write to.
inline constexpr StreamId kOut{1}, kQueue{2}, kParked{3};

class CaptureSession final : public Session {
 public:
  struct Captured {
    StreamId to{};
    std::string key, value;            // "(null)" for null
    std::vector<std::string> headers;  // "name=value"
    std::int64_t timestamp_us = 0;
    std::uint32_t partition = UINT32_MAX;  // not given
  };
  std::vector<Captured> captured;
  std::string refused_value;  // a record with this value is too large; empty: none

  Result<std::span<const Record>> poll(std::chrono::milliseconds, std::size_t) override {
    return std::span<const Record>();
  }
  Result<void> check(StreamId, const OutRecord& record) override {
    if (refused_value.empty() || record.value.view() != refused_value) return {};
    return Error{Code::kTooLarge, "the test's limit"};
  }
  Result<void> write(StreamId to, const OutRecord& record) override {
    EDDY_TRY(check(to, record));
    Captured one{to, text(record.key),    text(record.value),
                 {}, record.timestamp_us, record.partition.value_or(UINT32_MAX)};
    for (const Header& header : record.headers) {
      one.headers.push_back(std::string(header.name.view()) + "=" + text(header.value));
    }
    captured.push_back(std::move(one));
    return {};
  }
  void end(std::uint32_t, std::int64_t, Outcome) override {}
  void hold(const Record&, const Wait&) override {}
  Result<void> commit() override { return {}; }
  Result<void> abort() override { return {}; }
  void pause() override {}
  void resume() override {}
  void pause(std::uint32_t) override {}
  void resume(std::uint32_t) override {}
  std::span<const std::uint32_t> lost() const override { return {}; }
  void wake() override {}

 private:
  static std::string text(Bytes bytes) { return bytes.null() ? "(null)" : std::string(bytes.view()); }
};

}  // namespace eddy::host::test
