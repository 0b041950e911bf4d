// SPDX-License-Identifier: Apache-2.0
// A store with letters in it, and an index beside it.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "dead_letter/letter_state.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"
#include "stream/embedded/embedded.h"
#include "support/manual_clock.h"
#include "triage/triage_index.h"

namespace eddy::host {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

inline constexpr std::int64_t kNow = 1'764'352'800'000'000;  // 2025-11-28T18:00:00Z
inline constexpr std::int64_t kMinute = 60'000'000;

// What a test says about a letter; the rest is the same for all.
struct TestLetter {
  std::string original = R"({"id":1})";
  std::string type = "std::runtime_error";
  std::string message = "no such movie";
  std::string function = "rate";
  std::string version = "1.0.0";
  std::int64_t failed_us = kNow - 10 * kMinute;
  std::string key = "k";
};

class TriageTest : public testing::Test {
 protected:
  TriageTest() {
    std::string pattern = testing::TempDir() + "eddy-triage-XXXXXX";
    data_dir_ = ::mkdtemp(pattern.data());
    transport_ = *open_embedded({.data_dir = data_dir_});
    make_stream("MovieDLQ", 2);
    make_stream("MovieDLQ.parked", 1);
    make_stream("OtherDLQ", 1);
    make_stream(kStateStream, 1);
  }
  ~TriageTest() override {
    index_.reset();
    transport_.reset();
    std::filesystem::remove_all(data_dir_);
  }

  void make_stream(const std::string& name, std::uint32_t partitions) {
    ASSERT_TRUE(transport_->ensure_stream({.name = name, .partitions = partitions, .retention_days = 30}));
  }

  // Puts a letter into a queue; returns its id.
  std::string put(const TestLetter& letter, const std::string& queue = "MovieDLQ") {
    append(queue, write(letter));
    return std::string(writer_.id());
  }
  void put_many(int letters) {
    const auto session = *transport_->open_session({.group = "fill", .stream = "OtherDLQ"});
    for (int i = 0; i < letters; ++i) {
      const auto written =
          session->write(*transport_->find_stream("MovieDLQ"), write({.type = "many", .key = std::to_string(i)}));
      ASSERT_TRUE(written) << written.error().text;
    }
    ASSERT_TRUE(session->commit());
  }
  const OutRecord& write(const TestLetter& letter) {
    padded_ = letter.original + std::string(64, ' ');
    key_ = letter.key;
    Record record;
    record.key = key_;
    record.value = Bytes(padded_.data(), letter.original.size());
    record.offset = next_offset_++;
    record.timestamp_us = letter.failed_us - kMinute;
    return writer_.write(record, failure_of(letter), queue_options_);
  }

  // The letter of that id fails again, in a function over its queue.
  void fail_again(const std::string& id, const TestLetter& again, const std::string& to = "MovieDLQ") {
    const auto found = index().find(id);
    ASSERT_TRUE(found && found->size() == 1);
    const LetterPlace& place = found->front().place;
    const auto browser = *transport_->open_browser(place.queue);
    const auto records = *browser->read(place.partition, place.offset, 1);
    LetterReader reader;
    append(to, writer_.write_again(records.front(), **reader.read(records.front()), failure_of(again), {}));
  }

  void set_state(const std::string& id, LetterState state, std::uint32_t hops = 0, std::int64_t recovery_us = -1) {
    LetterStateWriter states;
    append(kStateStream, states.write({.id = id,
                                       .queue = "MovieDLQ",
                                       .state = state,
                                       .hops = hops,
                                       .at_us = kNow,
                                       .by = "anna",
                                       .reason = "because",
                                       .recovery_us = recovery_us}));
  }

  void append(const std::string& stream, const OutRecord& record) {
    const auto appended = transport_->append(*transport_->find_stream(stream), {&record, 1});
    ASSERT_TRUE(appended) << appended.error().text;
  }

  TriageIndex& index() {
    if (index_ == nullptr) index_ = open_index();
    catch_up(*index_);
    return *index_;
  }
  std::unique_ptr<TriageIndex> open_index() {
    auto opened = TriageIndex::open(data_dir_, *transport_, "embedded", clock_);
    EXPECT_TRUE(opened) << opened.error().text;
    return *std::move(opened);
  }
  CatchUp catch_up(TriageIndex& index) {
    const std::vector<std::string> queues = {"MovieDLQ", "OtherDLQ"};
    const auto done = index.catch_up(queues);
    EXPECT_TRUE(done) << done.error().text;
    return done ? *done : CatchUp();
  }

  static LetterFilter filter(std::initializer_list<std::pair<const char*, const char*>> values) {
    LetterFilterReader reader(kNow);
    for (const auto& [name, value] : values) {
      const auto added = reader.add(name, value);
      EXPECT_TRUE(added) << added.error().text;
    }
    return reader.filter();
  }
  static LetterFilter all() { return filter({{"state", "all"}}); }

  // Everything the index tells, as one text: equal for equal indexes.
  std::string everything(TriageIndex& index) {
    std::string text;
    const auto groups = index.groups("", all(), {.limit = 100'000});
    EXPECT_TRUE(groups) << groups.error().text;
    for (const LetterGroup& group : groups->groups) text += describe(group) + "\n";
    const auto letters = index.letters("", all(), {.limit = 100'000});
    EXPECT_TRUE(letters) << letters.error().text;
    for (const LetterRow& row : letters->letters) {
      text += fmt::format("{} {} {}/{}/{} {} {} {}\n", row.place.id, row.queue, row.place.queue, row.place.partition,
                          row.place.offset, name_of(row.state), row.place.hops, row.fingerprint);
    }
    return text;
  }
  static std::string describe(const LetterGroup& group) {
    return fmt::format("{} {} {} {} [{}] {} {} {} {} {} {} {} [{}]", group.queue, group.fingerprint, group.error_type,
                       group.count, fmt::join(group.letters, ","), group.first_us, group.last_us, group.refailures,
                       group.recoveries, group.recovery_us, group.builds.size(), fmt::join(group.functions, ","),
                       fmt::join(group.slots, ","));
  }

  static Failure failure_of(const TestLetter& letter) {
    Failure failure;
    failure.error_type = letter.type;
    failure.error_message = letter.message;
    failure.function = letter.function;
    failure.plugin = "movies";
    failure.plugin_version = letter.version;
    failure.plugin_build_id = "0123abcd";
    failure.stream = "movies";
    failure.failed_at_us = letter.failed_us;
    return failure;
  }

  std::string file() const { return data_dir_ + "/triage.db"; }

  std::string data_dir_;
  std::int64_t next_offset_ = 0;
  std::string padded_, key_;
  test::ManualClock clock_{kNow};
  std::unique_ptr<Transport> transport_;
  LetterWriter writer_;
  QueueOptions queue_options_;
  std::unique_ptr<TriageIndex> index_;
};

}  // namespace eddy::host
