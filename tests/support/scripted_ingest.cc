// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_ingest.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "ingest/connection.h"
#include "support/manual_clock.h"

namespace eddy::host::test {
namespace {

class NoMetrics final : public IngestMetrics {
 public:
  void request(std::string_view, int) override {}
  void records(std::string_view, std::string_view, std::uint64_t) override {}
  void seconds(std::string_view, double) override {}
  void dead_letter(std::string_view, std::string_view) override {}
  void letters_not_written(std::string_view) override {}
};

class EmptyBrowser final : public Browser {
 public:
  Result<std::span<const Record>> read(std::uint32_t, std::int64_t, std::size_t) override {
    return std::span<const Record>();
  }
  void wait(std::chrono::milliseconds) override {}
};

// Passes all on to the transport of the connection that runs.
class Current final : public Transport {
 public:
  CountingTransport* to = nullptr;
  Result<StreamId> ensure_stream(const StreamSpec& spec) override { return to->ensure_stream(spec); }
  Result<StreamId> find_stream(std::string_view name) override { return to->find_stream(name); }
  Result<std::vector<StreamInfo>> list_streams() override { return to->list_streams(); }
  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) override {
    return to->positions(group, stream);
  }
  Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) override { return to->open_session(spec); }
  Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) override { return to->open_browser(stream); }
  Result<void> append(StreamId stream, std::span<const OutRecord> records) override {
    return to->append(stream, records);
  }
  std::size_t max_record_bytes(StreamId stream) const override { return to->max_record_bytes(stream); }
  Result<std::uint64_t> apply_retention(std::int64_t now_us) override { return to->apply_retention(now_us); }
};

// The client's end of the wire. An operation ends in step(), never where it is begun, as with a socket.
class Script {
 public:
  Script(std::string_view sent, std::size_t piece) : sent_(sent), piece_(piece == 0 ? sent.size() : piece) {}

  void read(boost::asio::mutable_buffer into) { into_ = into, reading_ = true; }
  void write(boost::asio::const_buffer all) { all_ = all, writing_ = true; }
  void finish() { finishing_ = true; }
  void close() { closed_ = true; }
  bool closed() const { return closed_; }
  const std::string& answered() const { return answered_; }

  // One operation that runs comes to its end. False: none runs.
  bool step(WireClient& client) {
    if (std::exchange(writing_, false)) {
      answered_.append(static_cast<const char*>(all_.data()), all_.size());
      client.on_written({});
    } else if (std::exchange(finishing_, false)) {
      client.on_finished();
    } else if (std::exchange(reading_, false)) {
      deliver(client);
    } else {
      return false;
    }
    return true;
  }

 private:
  void deliver(WireClient& client) {
    const std::size_t size = std::min({piece_, sent_.size(), into_.size()});
    if (size == 0) return client.on_read(boost::asio::error::make_error_code(boost::asio::error::eof), 0);
    std::memcpy(into_.data(), sent_.data(), size);
    sent_.remove_prefix(size);
    client.on_read({}, size);
  }

  std::string_view sent_;
  const std::size_t piece_;
  std::string answered_;
  boost::asio::mutable_buffer into_;
  boost::asio::const_buffer all_;
  bool reading_ = false, writing_ = false, finishing_ = false, closed_ = false;
};

class ScriptWire final : public Wire {
 public:
  explicit ScriptWire(Script& script) : script_(script) {}
  void open(Client client) override { client->on_open({}); }
  void read(Client, boost::asio::mutable_buffer into) override { script_.read(into); }
  void write(Client, boost::asio::const_buffer all) override { script_.write(all); }
  void finish(Client) override { script_.finish(); }
  void close() override { script_.close(); }
  std::string certificate() const override { return {}; }

 private:
  Script& script_;
};

// What the appender's thread has done, and the client's thread has not been told yet.
class Ended {
 public:
  void add(Appender::Jobs jobs) {
    {
      const std::lock_guard lock(mutex_);
      jobs_ = std::move(jobs);
    }
    filled_.notify_one();
  }
  void wait_and_tell() {
    Appender::Jobs jobs;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !jobs_.empty(); });
      jobs.swap(jobs_);
    }
    for (AppendJob* job : jobs) {
      const auto client = std::move(job->client);
      client->appended();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  Appender::Jobs jobs_;
};

}  // namespace

Result<std::unique_ptr<Session>> CountingTransport::open_session(const SessionSpec&) {
  return Error{Code::kUnavailable, "nobody reads here"};
}

Result<std::unique_ptr<Browser>> CountingTransport::open_browser(std::string_view) {
  return std::unique_ptr<Browser>(std::make_unique<EmptyBrowser>());
}

Result<void> CountingTransport::append(StreamId to, std::span<const OutRecord> appended) {
  if (fails && to != kOther) return Error{Code::kUnavailable, "the disk is full"};
  if (to == kRecords) records += appended.size();
  if (to == kLetters) letters += appended.size();
  return {};
}

// The appender and its thread are made once: many thousand connections may come.
struct ScriptedIngest::State {
  IngestRoutesPtr routes;
  NoMetrics metrics;
  ManualClock clock;
  Current transport;
  Ended ended;
  std::unique_ptr<IdempotencyJournal> journal;
  std::unique_ptr<Appender> appender;
};

ScriptedIngest::ScriptedIngest(IngestRoutesPtr routes) : state_(std::make_unique<State>()) {
  CountingTransport empty;
  IdempotencyKeys keys(1);
  State& state = *state_;
  state.routes = std::move(routes);
  state.transport.to = &empty;
  state.journal = *IdempotencyJournal::open(state.transport, state.clock, keys);
  state.appender = std::make_unique<Appender>(state.transport, state.clock, state.journal.get(), std::size_t{64} << 20,
                                              [&state](Appender::Jobs jobs) { state.ended.add(std::move(jobs)); });
}

ScriptedIngest::~ScriptedIngest() {
  CountingTransport last;
  state_->transport.to = &last;  // the journal's marks go there
  state_->appender.reset();
}

std::string ScriptedIngest::converse(CountingTransport& transport, const IngestOptions& options, std::string_view sent,
                                     std::size_t piece) {
  State& state = *state_;
  state.transport.to = &transport;
  Intake intake(options, state.transport, state.clock, state.metrics);
  intake.publish(state.routes);
  IngestHub hub{options, state.clock, intake, *state.appender};
  Script script(sent, piece);
  const auto connection = std::make_shared<IngestConnection>(std::make_unique<ScriptWire>(script), "127.0.0.1", hub);
  connection->start();
  while (!script.closed()) {
    if (!script.step(*connection)) state.ended.wait_and_tell();
  }
  return script.answered();
}

}  // namespace eddy::host::test
