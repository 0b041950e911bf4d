// SPDX-License-Identifier: Apache-2.0
// The invariant: every source position ends in exactly one of delivered, filtered, dead-lettered, whatever fails.
#include "function/worker.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <random>
#include <set>

#include "base/temporary_folder.h"
#include "function/call.h"
#include "function/runner.h"
#include "guard/guard.h"
#include "stream/embedded/embedded.h"
#include "support/fake_image.h"
#include "support/faulty_transport.h"

namespace eddy::host {
namespace {

// A record says by its first letter what becomes of it: deliver, deliver three, filter, fail, throw, crash.
std::uint32_t by_letter(void*, void*, const eddy_input* input, eddy_call* call) {
  const eddy_str value = input->record->value;
  const char what = value.data[0];
  if (what == 'f') return EDDY_FILTERED;
  if (what == 't') throw 42;
  eddy_output output{};
  output.struct_size = sizeof output;
  output.value = value;
  host_table()->emit(call, &output);  // also before it fails: half of its outputs must not stay
  if (what == 'c') __builtin_trap();  // not a null pointer: UBSan would report it and end the process
  if (what == 'x') {
    host_table()->fail(call, EDDY_FAIL_PLAIN, to_abi("Refused"), to_abi("by its first letter"));
    return EDDY_FAILED;
  }
  if (what == 'm') {
    host_table()->emit(call, &output);
    host_table()->emit(call, &output);
  }
  return EDDY_OK;
}

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    EXPECT_TRUE(install_guard().ok());
    folder_ = *TemporaryFolder::make();
    store_ = *open_embedded({.data_dir = folder_.path()});
    for (const char* name : {"in", "out", "dlq", "dlq.parked"}) {
      EXPECT_TRUE(store_->ensure_stream({name, name == std::string_view("in") ? 3u : 1u, 0}).ok());
    }
    journal_ = *Journal::open(folder_.path() + "/journal");
  }

  void append(const std::vector<std::string>& values) {
    std::vector<OutRecord> records;
    for (const std::string& value : values) records.push_back({Bytes(), Bytes(value), {}, 1, {}});
    ASSERT_TRUE(store_->append(*store_->find_stream("in"), records).ok());
  }

  std::multiset<std::string> read(const std::string& stream) {
    std::multiset<std::string> values;
    const auto browser = *store_->open_browser(stream);
    const auto positions = *store_->positions("", stream);
    for (const Position& position : positions) {
      for (std::int64_t next = position.begin; next < position.end;) {
        const auto records = *browser->read(position.partition, next, 1000);
        for (const Record& record : records) values.emplace(record.value.view());
        next += static_cast<std::int64_t>(records.size());
      }
    }
    return values;
  }

  bool at_end() {
    const auto positions = *store_->positions(group_of("f"), "in");
    return std::all_of(positions.begin(), positions.end(), [](const Position& p) { return p.committed == p.end; });
  }

  // Runs a function over the source to its end, giving it a fresh image after each fault as the runtime does.
  void run_to_end(Transport& transport, const char* alphabet_note = "") {
    SCOPED_TRACE(alphabet_note);
    Metrics metrics("test", "test");
    std::mutex mutex;
    std::condition_variable faulted;
    std::uint64_t faults = 0;
    const WorkerContext context{transport, *journal_, clock_, [&](const Binding&, bool) {
                                  const std::lock_guard lock(mutex);
                                  ++faults;
                                  faulted.notify_all();
                                }};
    const auto bind = [&] {
      FunctionSettings settings;
      settings.unit_records = 50;
      return test::fake_binding(
          test::fake_image("f", EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "in", "out", by_letter), *store_, "dlq",
          settings);
    };
    Runner runner(context, metrics, {"f", "in", 3, false, false, false, {}}, bind());
    std::uint64_t seen = 0;
    while (!at_end()) {
      std::unique_lock lock(mutex);
      faulted.wait_for(lock, std::chrono::milliseconds(20), [&] { return faults != seen; });
      if (faults == seen) continue;
      seen = faults;
      lock.unlock();
      runner.publish(bind());
    }
  }

  void check(const std::vector<std::string>& values) {
    const auto out = read("out");
    std::multiset<std::string> expected;
    std::size_t failed = 0;
    for (const std::string& value : values) {
      if (value[0] == 'd') expected.insert(value);
      if (value[0] == 'm') expected.insert({value, value, value});
      failed += value[0] == 'x' || value[0] == 't' || value[0] == 'c' ? 1u : 0u;
    }
    EXPECT_EQ(out, expected);
    std::set<std::string> ended;
    for (const std::string& letter : read("dlq")) {
      const auto begin = letter.find("\"original_record\":\"") + 19;
      EXPECT_TRUE(ended.insert(letter.substr(begin, letter.find('"', begin) - begin)).second) << letter;
    }
    EXPECT_EQ(ended.size(), failed);
    for (const std::string& value : ended) EXPECT_NE(std::string("xtc").find(value[0]), std::string::npos) << value;
    Tally tally;
    const auto positions = *store_->positions(group_of("f"), "in");
    for (const Position& position : positions) {
      tally.delivered += position.tally.delivered;
      tally.filtered += position.tally.filtered;
      tally.dead_lettered += position.tally.dead_lettered;
    }
    EXPECT_EQ(tally.dead_lettered, failed);
    EXPECT_EQ(tally.delivered + tally.filtered + tally.dead_lettered, values.size());
  }

  std::vector<std::string> random_values(std::size_t count, const std::string& alphabet) {
    std::mt19937 random(20261123);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(alphabet[random() % alphabet.size()] + std::to_string(i));
    }
    return values;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Transport> store_;
  std::unique_ptr<Journal> journal_;
  const SystemClock clock_;
};

#if defined(__SANITIZE_THREAD__)
constexpr const char* kAlphabet = "dddmfxt";  // the second survived SIGSEGV kills a process under this sanitizer
#else
constexpr const char* kAlphabet = "ddddddddddddddddmmffxxttc";
#endif

TEST_F(WorkerTest, EveryPositionEndsOnce) {
  const auto values = random_values(2000, kAlphabet);
  append(values);
  run_to_end(*store_);
  check(values);
}

TEST_F(WorkerTest, EveryPositionEndsOnceWithFaultsAtEverySeam) {
  const auto values = random_values(3000, kAlphabet);
  append(values);
  test::FaultyTransport faulty(*store_, 0.004);
  run_to_end(faulty);
  EXPECT_GT(faulty.faults(), 5u);  // else this run has shown nothing
  check(values);
}

TEST_F(WorkerTest, NothingIsWrittenWhileTheQueueCannotBe) {
  append({"d1", "x2", "d3"});
  test::FaultyTransport broken(*store_, 0.0);
  broken.refuse_commits(true);
  Metrics metrics("test", "test");
  const WorkerContext context{broken, *journal_, clock_, [](const Binding&, bool) {}};
  const auto image = test::fake_image("f", EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "in", "out", by_letter);
  {
    Runner runner(context, metrics, {"f", "in", 1, false, false, false, {}}, test::fake_binding(image, *store_, "dlq"));
    while (runner.trouble().find("commit refused") == std::string::npos) std::this_thread::yield();
    EXPECT_TRUE(read("out").empty());
    EXPECT_TRUE(read("dlq").empty());
    broken.refuse_commits(false);
    while (!at_end()) std::this_thread::yield();
  }
  EXPECT_EQ(read("out"), (std::multiset<std::string>{"d1", "d3"}));
  EXPECT_EQ(read("dlq").size(), 1u);
}

TEST_F(WorkerTest, ARecordThatKilledTheProcessTwiceIsNotRunAgain) {
  append({"d1"});
  journal_.reset();
  for (int death = 0; death < 2; ++death) {  // what a killed process leaves: a cell that was begun and never ended
    auto journal = *Journal::open(folder_.path() + "/journal");
    JournalCell* cell = *journal->acquire("f", 0);
    const auto positions = *store_->positions("", "in");
    for (const Position& position : positions) {
      if (position.end > position.begin) cell->begin(position.partition, position.begin);
    }
  }
  journal_ = *Journal::open(folder_.path() + "/journal");
  run_to_end(*store_);
  EXPECT_TRUE(read("out").empty());
  ASSERT_EQ(read("dlq").size(), 1u);
  EXPECT_NE(read("dlq").begin()->find("\"error_type\":\"Killed\""), std::string::npos);
  EXPECT_TRUE(journal_->suspects("f").empty());
}

}  // namespace
}  // namespace eddy::host
