// SPDX-License-Identifier: Apache-2.0
// Functions whose calls do not end: nobody waits for them, and nothing begins that would meet them.
#include "runtime/functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "base/temporary_folder.h"
#include "function/call.h"
#include "guard/guard.h"
#include "stream/embedded/embedded.h"
#include "support/fake_image.h"
#include "support/manual_clock.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What the calls and the test tell each other.
struct Meeting {
  void tell(int& count) {
    const std::lock_guard lock(mutex);
    ++count;
    changed.notify_all();
  }
  void await(const int& count, int wanted) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return count >= wanted; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  int begun = 0, may_end = 0, ended_workers = 0;
};
Meeting* meeting = nullptr;

// Never looks at cancelled(): the test says when it ends.
std::uint32_t hangs(void*, void*, const eddy_input*, eddy_call*) {
  meeting->tell(meeting->begun);
  meeting->await(meeting->may_end, 1);
  return EDDY_FILTERED;
}

std::uint32_t until_cancelled(void*, void*, const eddy_input*, eddy_call* call) {
  meeting->tell(meeting->begun);
  while (host_table()->cancelled(call) == 0) std::this_thread::yield();
  return EDDY_FILTERED;
}

class FunctionsTest : public testing::Test {
 protected:
  FunctionsTest() {
    EXPECT_TRUE(install_guard().ok());
    meeting = &meeting_;
    for (const char* name : {"in", "dlq"}) EXPECT_TRUE(store_->ensure_stream({name, 1, 0}).ok());
    const std::vector<OutRecord> one{{Bytes(), Bytes("x"), {}, 1, {}}};
    EXPECT_TRUE(store_->append(*store_->find_stream("in"), one).ok());
  }

  void apply(test::Process process, std::uint32_t workers) {
    const auto image = test::fake_image("f", EDDY_FUNCTION_CONSUMER, EDDY_INPUT_RECORD, "in", "", process);
    Bindings bindings;
    bindings.bound["f"] = {{"f", "in", workers, false, false, false, "dlq"}, test::fake_binding(image, *store_, "dlq")};
    functions_.apply(std::move(bindings));
  }

  Meeting meeting_;
  const std::unique_ptr<TemporaryFolder> folder_ = std::make_unique<TemporaryFolder>(*TemporaryFolder::make());
  const std::unique_ptr<Transport> store_ = *open_embedded({.data_dir = folder_->path()});
  const std::unique_ptr<Journal> journal_ = *Journal::open(folder_->path() + "/journal");
  test::ManualClock clock_;
  Metrics metrics_{"test", "test"};
  const WorkerContext context_{*store_, *journal_,
                               clock_,  [](const Binding&, bool) {},
                               nullptr, [this] { meeting_.tell(meeting_.ended_workers); }};
  Functions functions_{context_, metrics_};
};

TEST_F(FunctionsTest, ACallThatHangsIsNotWaitedForAndMeetsNoSuccessor) {
  apply(hangs, 1);
  meeting_.await(meeting_.begun, 1);
  functions_.apply({});
  EXPECT_THAT(functions_.running(), IsEmpty());
  EXPECT_THAT(functions_.unfinished(), ElementsAre("f"));
  EXPECT_TRUE(functions_.settled());

  apply(hangs, 2);
  EXPECT_THAT(functions_.running(), IsEmpty()) << "the record is still in the hands of the old one";
  EXPECT_FALSE(functions_.settled());
  EXPECT_THAT(functions_.troubles(), IsEmpty());
  clock_.advance(std::chrono::seconds(3));
  EXPECT_THAT(functions_.troubles()["f"], HasSubstr("waits for a call"));

  meeting_.tell(meeting_.may_end);
  meeting_.await(meeting_.ended_workers, 1);
  functions_.tend();
  EXPECT_EQ(functions_.running().at("f")->shape().workers, 2u);
  EXPECT_TRUE(functions_.settled());
  EXPECT_THAT(functions_.troubles(), IsEmpty());
  functions_.stop();
  functions_.clear();
  EXPECT_EQ(meeting_.begun, 1) << "it was processed once";
}

TEST_F(FunctionsTest, WhatIsNotWantedAnyMoreDoesNotBeginLater) {
  apply(hangs, 1);
  meeting_.await(meeting_.begun, 1);
  apply(hangs, 2);
  functions_.apply({});
  EXPECT_TRUE(functions_.settled());
  meeting_.tell(meeting_.may_end);
  meeting_.await(meeting_.ended_workers, 1);
  functions_.tend();
  EXPECT_THAT(functions_.running(), IsEmpty());
  EXPECT_TRUE(functions_.finished());
}

TEST_F(FunctionsTest, ACallIsToldThatItsFunctionLeaves) {
  apply(until_cancelled, 1);
  meeting_.await(meeting_.begun, 1);
  functions_.apply({});
  meeting_.await(meeting_.ended_workers, 1);
  EXPECT_TRUE(functions_.finished());
}

}  // namespace
}  // namespace eddy::host
