// SPDX-License-Identifier: Apache-2.0
// A session that keeps what is written to it: a function can be run with no store behind it.
#pragma once

#include <string>
#include <vector>

#include "stream/transport.h"

namespace eddy::host {

// Streams are numbered as the caller likes. Not thread-safe.
class CaptureSession final : public Session {
 public:
  struct Captured {
    StreamId to{};
    bool null_value = false;
    std::string value;
  };

  Result<std::span<const Record>> poll(std::chrono::milliseconds, std::size_t) override {
    return std::span<const Record>();
  }
  Result<void> write(StreamId to, const OutRecord& record) override {
    captured_.push_back({to, record.value.null(), std::string(record.value.view())});
    return {};
  }
  Result<void> check(StreamId, const OutRecord&) override { return {}; }
  void end(std::uint32_t, std::int64_t, Outcome) override {}
  void hold(const Record&, const Wait&) override {}
  Result<void> commit() override { return {}; }
  Result<void> abort() override {
    captured_.clear();
    return {};
  }
  void pause() override {}
  void resume() override {}
  void pause(std::uint32_t) override {}
  void resume(std::uint32_t) override {}
  std::span<const std::uint32_t> lost() const override { return {}; }
  void wake() override {}

  // What came since the last call.
  std::vector<Captured> take() { return std::exchange(captured_, {}); }

 private:
  std::vector<Captured> captured_;
};

}  // namespace eddy::host
