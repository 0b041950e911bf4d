// SPDX-License-Identifier: Apache-2.0
// A queue with letters in a real store, for tests of what sends them back.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"
#include "redrive/sender.h"
#include "stream/embedded/embedded.h"
#include "support/manual_clock.h"

namespace eddy::host::test {

class RedriveBench : public testing::Test {
 protected:
  RedriveBench() {
    for (const char* name : {"in", "dlq", "dlq.parked", "f.redrive"}) make_stream(name);
    make_stream(kStateStream);
  }

  void make_stream(const std::string& name) { EXPECT_TRUE(store_->ensure_stream({name, 1, 0}).ok()); }

  void append(const std::string& stream, const OutRecord& record) {
    ASSERT_TRUE(store_->append(*store_->find_stream(stream), std::span(&record, 1)).ok());
  }

  // A record with this value has failed in function f.
  void fail(const std::string& value, const std::string& source = "transform", const std::string& queue = "dlq") {
    std::string padded = value;
    padded.append(64, '\0');
    Record record;
    record.key = Bytes("k");
    record.value = {padded.data(), value.size()};
    record.offset = failed_++;
    record.timestamp_us = 1;
    append(queue, writer_.write(record, failure(source), options_));
  }

  // The newest letter of the queue has failed again.
  void fail_again(const std::string& to = "dlq") {
    const auto browser = *store_->open_browser("dlq");
    const auto records = *browser->read(0, store_->positions("", "dlq")->front().end - 1, 1);
    const DeadLetter& letter = **reader_.read(records.front());
    append(to, writer_.write_again(original_of(letter), letter, failure("transform"), options_));
  }

  Failure failure(const std::string& source) {
    Failure failure;
    failure.error_type = "Broken";
    failure.error_message = "as told";
    failure.source = source == "api" ? "api" : source == "table" ? "table" : "transform";
    failure.function = "f";
    failure.stream = "in";
    if (source == "api") {
      failure.function = failure.stream = "";
      failure.route = "things";
      failure.request_id = "r";
    }
    failure.failed_at_us = clock_.now_us();
    failure.redriven = true;
    return failure;
  }

  template <typename Take>
  void each(const std::string& stream, const Take& take) {
    const auto browser = *store_->open_browser(stream);
    const auto positions = *store_->positions("", stream);
    for (const Position& position : positions) {
      for (std::int64_t next = position.begin; next < position.end;) {
        const auto records = *browser->read(position.partition, next, 1000);
        if (records.empty()) break;
        for (const Record& record : records) take(record);
        next = records.back().offset + 1;
      }
    }
  }
  std::uint64_t count(const std::string& stream) {
    std::uint64_t records = 0;
    each(stream, [&](const Record&) { ++records; });
    return records;
  }

  FunctionTargets targets() {
    return {[] { return true; },
            [](const std::string& function) -> Result<std::string> {
              if (function != "f") return Error{Code::kBadData, "function " + function + " does not run here"};
              return function + ".redrive";
            },
            [this](const std::string&) -> Result<std::uint64_t> { return lag_.load(); },
            [this](const std::string&) -> Result<std::string> { return queue_of_f_; },
            [](const std::string& queue) { return queue == "dlq" ? 3u : 0u; },
            [](const DeadLetter& letter) -> Result<Readmitted> {
              if (letter.original.view() == "bad") return Error{Code::kBadData, "still refused"};
              const std::string value(letter.original.view());
              return Readmitted{"in", {{"own key", value}, {std::nullopt, value}}};
            },
            [this](const std::string&, const std::vector<std::int64_t>& after_us) { told_ += after_us.size(); }};
  }

  const TemporaryFolder folder_ = *TemporaryFolder::make();
  const std::unique_ptr<Transport> store_ = *open_embedded({.data_dir = folder_.path()});
  ManualClock clock_;
  QueueOptions options_;
  LetterWriter writer_;
  LetterReader reader_;
  std::int64_t failed_ = 0;
  std::string queue_of_f_ = "dlq";  // that the function writes its failures to
  std::atomic<std::uint64_t> lag_{0};
  std::atomic<std::uint64_t> told_{0};  // letters that an API has taken
};

}  // namespace eddy::host::test
