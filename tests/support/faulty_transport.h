// SPDX-License-Identifier: Apache-2.0
// A transport that fails now and then at every seam, and tells the truth about it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <random>

#include "stream/transport.h"

namespace eddy::host::test {

// Wraps a real transport; only its sessions fail. Thread-safe.
class FaultyTransport final : public Transport {
 public:
  FaultyTransport(Transport& real, double probability) : real_(real), probability_(probability) {}

  std::uint64_t faults() const { return faults_.load(); }
  void refuse_commits(bool refuse) { refuse_commits_.store(refuse); }

  bool strike() {
    const std::lock_guard lock(mutex_);
    const bool struck = std::uniform_real_distribution<double>(0, 1)(random_) < probability_;
    if (struck) faults_.fetch_add(1);
    return struck;
  }

  Result<StreamId> ensure_stream(const StreamSpec& spec) override { return real_.ensure_stream(spec); }
  Result<StreamId> find_stream(std::string_view name) override { return real_.find_stream(name); }
  Result<std::vector<StreamInfo>> list_streams() override { return real_.list_streams(); }
  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) override {
    return real_.positions(group, stream);
  }
  Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) override { return real_.open_browser(stream); }
  Result<void> append(StreamId to, std::span<const OutRecord> records) override { return real_.append(to, records); }
  std::size_t max_record_bytes(StreamId stream) const override { return real_.max_record_bytes(stream); }
  Result<std::uint64_t> apply_retention(std::int64_t now_us) override { return real_.apply_retention(now_us); }

  Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) override {
    if (strike()) return error("open");
    EDDY_ASSIGN(auto session, real_.open_session(spec));
    return std::unique_ptr<Session>(new FaultySession(*this, std::move(session)));
  }

 private:
  static Error error(const char* what) { return {Code::kUnavailable, std::string(what) + " refused by the test"}; }

  class FaultySession final : public Session {
   public:
    FaultySession(FaultyTransport& owner, std::unique_ptr<Session> real) : owner_(owner), real_(std::move(real)) {}
    Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records) override {
      if (owner_.strike()) return error("poll");
      return real_->poll(wait, max_records);
    }
    Result<void> write(StreamId to, const OutRecord& record) override {
      if (owner_.strike()) return error("write");
      return real_->write(to, record);
    }
    Result<void> check(StreamId to, const OutRecord& record) override { return real_->check(to, record); }
    using Session::end;
    void end(std::uint32_t partition, std::int64_t offset, Outcome outcome) override {
      real_->end(partition, offset, outcome);
    }
    void hold(const Record& record, const Wait& wait) override { real_->hold(record, wait); }
    Result<void> commit() override {
      if (owner_.refuse_commits_.load() || owner_.strike()) return error("commit");
      return real_->commit();
    }
    Result<void> abort() override { return real_->abort(); }
    void pause() override { real_->pause(); }
    void resume() override { real_->resume(); }
    void pause(std::uint32_t partition) override { real_->pause(partition); }
    void resume(std::uint32_t partition) override { real_->resume(partition); }
    std::span<const std::uint32_t> lost() const override { return real_->lost(); }
    void wake() override { real_->wake(); }

   private:
    FaultyTransport& owner_;
    std::unique_ptr<Session> real_;
  };

  Transport& real_;
  const double probability_;
  std::atomic<std::uint64_t> faults_{0};
  std::atomic<bool> refuse_commits_{false};
  std::mutex mutex_;
  std::mt19937 random_{7};
};

}  // namespace eddy::host::test
