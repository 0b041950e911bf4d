// SPDX-License-Identifier: Apache-2.0
// The embedded transport: wires the parts together.
#include <fmt/format.h>

#include <mutex>
#include <vector>

#include "base/clock.h"
#include "stream/embedded/browser.h"
#include "stream/embedded/core.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/retention.h"
#include "stream/embedded/schema.h"
#include "stream/embedded/session.h"

namespace eddy::host {

namespace embedded {

namespace {

// The units that appends are built in, kept for their memory. Thread-safe.
class UnitPool {
 public:
  explicit UnitPool(const Core& core) : core_(core) {}

  std::unique_ptr<Unit> take() {
    const std::lock_guard lock(mutex_);
    ++taken_;
    if (idle_.empty()) return std::make_unique<Unit>(*core_.catalog, core_.options.max_record_bytes, taken_);
    std::unique_ptr<Unit> unit = std::move(idle_.back());
    idle_.pop_back();
    return unit;
  }
  void give_back(std::unique_ptr<Unit> unit) {
    unit->clear();
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(unit));
  }

 private:
  const Core& core_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Unit>> idle_;
  std::uint32_t taken_ = 0;
};

class Store final : public Transport {
 public:
  explicit Store(std::shared_ptr<Core> core) : core_(std::move(core)), units_(*core_) {}

  Result<StreamId> ensure_stream(const StreamSpec& spec) override {
    EDDY_TRY(core_->queue->run([&](Database& database) -> Result<void> {
      EDDY_ASSIGN(const bool changed, embedded::ensure_stream(database, spec));
      if (changed) core_->catalog->changed();
      return {};
    }));
    return find_stream(spec.name);
  }

  Result<StreamId> find_stream(std::string_view name) override {
    EDDY_ASSIGN(const Stream stream, core_->catalog->find(name));
    return StreamId{stream.id};
  }

  Result<std::vector<StreamInfo>> list_streams() override { return core_->catalog->list(); }

  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) override {
    return core_->catalog->positions(group, stream);
  }

  Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) override {
    return EmbeddedSession::open(core_, spec);
  }

  Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) override {
    return EmbeddedBrowser::open(core_, stream);
  }

  Result<void> append(StreamId to, std::span<const OutRecord> records) override {
    std::unique_ptr<Unit> unit = units_.take();
    auto done = append_with(*unit, to, records);
    units_.give_back(std::move(unit));
    return done;
  }

  std::size_t max_record_bytes(StreamId) const override { return core_->options.max_record_bytes; }

  Result<std::uint64_t> apply_retention(std::int64_t now_us) override {
    EDDY_ASSIGN(const std::vector<Stream> streams, core_->catalog->streams());
    std::uint64_t total = 0;
    for (const Stream& stream : streams) {
      std::uint64_t removed = 0;
      do {
        EDDY_TRY(core_->queue->run([&](Database& database) -> Result<void> {
          EDDY_ASSIGN(removed, delete_expired(database, stream, now_us));
          return {};
        }));
        total += removed;
      } while (removed > 0);
    }
    return total;
  }

 private:
  Result<void> append_with(Unit& unit, StreamId to, std::span<const OutRecord> records) {
    const std::int64_t now_us = SystemClock().now_us();
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (auto added = unit.add(to, records[i], now_us); !added) {
        return in_context(fmt::format("record {} of {}", i + 1, records.size()), added.take_error());
      }
    }
    unit.durable = true;
    unit.seal();
    return core_->queue->commit(unit);
  }

  const std::shared_ptr<Core> core_;
  UnitPool units_;
};

}  // namespace

}  // namespace embedded

Result<std::unique_ptr<Transport>> open_embedded(const EmbeddedOptions& options) {
  auto core = std::make_shared<embedded::Core>();
  core->options = options;
  EDDY_TRY(embedded::make_directory(options.data_dir));
  if (options.exclusive) {
    EDDY_ASSIGN(core->lock, embedded::HostLock::take(options.data_dir));
  }
  EDDY_TRY(embedded::prepare_database(options.data_dir));
  EDDY_ASSIGN(core->wake, embedded::WakeFile::open(options.data_dir));
  EDDY_ASSIGN(core->catalog, embedded::Catalog::open(options.data_dir, core->wake));
  EDDY_ASSIGN(auto writer, embedded::Writer::open(options.data_dir, options.sync_full, core->wake));
  core->queue = std::make_unique<embedded::CommitQueue>(std::move(writer));
  return std::unique_ptr<Transport>(new embedded::Store(std::move(core)));
}

}  // namespace eddy::host
