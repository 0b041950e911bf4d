// SPDX-License-Identifier: Apache-2.0
// A running ingest server over the embedded store, a client that can also misbehave, and a look at what was written.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>

#include "ingest/server.h"
#include "stream/embedded/embedded.h"
#include "support/manual_clock.h"
#include "unit/admin/client.h"
#include "unit/model/model_fixture.h"

namespace eddy::host::test {

// A record that the model takes.
inline const std::string kGood = R"({"user":"a","n":1})";

class CountingMetrics final : public IngestMetrics {
 public:
  void request(std::string_view api, int code) override { add(std::string(api) + " " + std::to_string(code), 1); }
  void records(std::string_view api, std::string_view result, std::uint64_t count) override {
    add(std::string(api) + " " + std::string(result), count);
  }
  void seconds(std::string_view, double) override {}
  void dead_letter(std::string_view queue, std::string_view error_type) override {
    add(std::string(queue) + " " + std::string(error_type), 1);
  }
  void letters_not_written(std::string_view queue) override { add(std::string(queue) + " not written", 1); }
  std::uint64_t of(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return counts_[name];
  }

 private:
  void add(const std::string& name, std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    counts_[name] += count;
  }
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

// Passes all on; appends to a stream fail, before or after they took place, while a test says so.
class FailingAppends final : public Transport {
 public:
  explicit FailingAppends(Transport& real) : real_(real) {}
  enum class Mode { kPass, kFail, kFailAfter };
  std::atomic<Mode> mode{Mode::kPass};
  std::atomic<std::uint32_t> only{0};  // this stream alone; 0: all
  std::atomic<Code> code{Code::kUnavailable};

  Result<StreamId> ensure_stream(const StreamSpec& spec) override { return real_.ensure_stream(spec); }
  Result<StreamId> find_stream(std::string_view name) override { return real_.find_stream(name); }
  Result<std::vector<StreamInfo>> list_streams() override { return real_.list_streams(); }
  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) override {
    return real_.positions(group, stream);
  }
  Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) override { return real_.open_session(spec); }
  Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) override { return real_.open_browser(stream); }
  Result<void> append(StreamId to, std::span<const OutRecord> records) override {
    const bool meant = only == 0 || only == static_cast<std::uint32_t>(to);
    if (!meant || mode == Mode::kPass) return real_.append(to, records);
    if (mode == Mode::kFailAfter) {
      EXPECT_TRUE(real_.append(to, records).ok());
    }
    return Error{code, "refused by the test"};
  }
  std::size_t max_record_bytes(StreamId stream) const override { return real_.max_record_bytes(stream); }
  Result<std::uint64_t> apply_retention(std::int64_t now_us) override { return real_.apply_retention(now_us); }

 private:
  Transport& real_;
};

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    std::string pattern = testing::TempDir() + "eddy-ingest-XXXXXX";
    data_dir_ = ::mkdtemp(pattern.data());
    options_.listen = "127.0.0.1:0";
    open();
  }
  ~IngestTest() override {
    server_.reset();
    std::filesystem::remove_all(data_dir_);
  }

  void open() {
    EmbeddedOptions options;
    options.data_dir = data_dir_;
    options.max_record_bytes = 4096;
    auto opened = open_embedded(options);
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    store_ = *std::move(opened);
    transport_ = std::make_unique<FailingAppends>(*store_);
    stream_ = *store_->ensure_stream({"events", 1, 7, 1});
    queue_ = *store_->ensure_stream({"eventsDLQ", 1, 30, 1});
  }

  void start() {
    auto started = IngestServer::start(options_, *transport_, clock_, metrics_);
    ASSERT_TRUE(started.ok()) << started.error().text;
    server_ = *std::move(started);
    server_->publish(routes());
  }
  void restart() {
    server_.reset();
    store_.reset();
    open();
    start();
  }

  IngestRoutesPtr routes() {
    auto route = std::make_shared<IngestRoute>();
    route->name = "events";
    route->model =
        *Model::compile(declarations_.model("Event", {{"user", declarations_.type(EDDY_TYPE_STRING), EDDY_FIELD_KEY},
                                                      {"n", declarations_.type(EDDY_TYPE_I64)}}));
    route->stream = "events";
    route->stream_id = stream_;
    route->queue = "eventsDLQ";
    route->queue_id = queue_;
    route->queue_options.max_record_bytes = 4096;
    route->check = [this](const eddy_value* row) -> Result<std::optional<RowRefusal>> {
      if (!checks_) return Error{Code::kUnavailable, "plugin p has faulted"};
      if (row[1].as.i64 >= 0) return std::optional<RowRefusal>();
      if (row[1].as.i64 != kBreaksCheck) return std::optional(RowRefusal{"Negative", "n is negative"});
      checks_ = false;
      return std::optional(RowRefusal{"SIGILL", "validate(): broken", true});
    };
    auto all = std::make_shared<IngestRoutes>();
    (*all)["events"] = route;
    return all;
  }

  static std::string request(const std::string& body, const std::string& headers = "",
                             const std::string& target = "/ingest/events") {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
  }
  http::response<http::string_body> send(const std::string& bytes) {
    Client client(server_->address());
    client.send(bytes);
    return client.receive();
  }
  http::response<http::string_body> post(const std::string& body, const std::string& headers = "") {
    return send(request(body, headers));
  }

  struct Stored {
    std::string key, value;
    std::int64_t timestamp_us = 0;
  };
  std::vector<Stored> stored(const std::string& stream) {
    std::vector<Stored> all;
    auto browser = *store_->open_browser(stream);
    for (std::int64_t next = 0;;) {
      const auto batch = *browser->read(0, next, 1000);
      if (batch.empty()) return all;
      for (const Record& record : batch) {
        all.push_back({record.key.null() ? "(null)" : std::string(record.key.view()), std::string(record.value.view()),
                       record.timestamp_us});
        next = record.offset + 1;
      }
    }
  }
  std::vector<std::string> values(const std::string& stream) {
    std::vector<std::string> all;
    for (const Stored& one : stored(stream)) all.push_back(one.value);
    return all;
  }

  // An n that breaks the plugin's check, which cannot be made from then on.
  static constexpr std::int64_t kBreaksCheck = -99;

  std::string data_dir_;
  Declarations declarations_;
  std::atomic<bool> checks_{true};
  ManualClock clock_;
  CountingMetrics metrics_;
  IngestOptions options_;
  StreamId stream_{}, queue_{};
  std::unique_ptr<Transport> store_;
  std::unique_ptr<FailingAppends> transport_;
  std::unique_ptr<IngestServer> server_;
};

}  // namespace eddy::host::test
