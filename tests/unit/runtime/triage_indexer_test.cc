// SPDX-License-Identifier: Apache-2.0
// The index of a running host follows the configuration.
#include "runtime/triage_indexer.h"

#include <condition_variable>

#include "runtime/triage_masks.h"
#include "settings/load.h"
#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

Settings settings_of(const std::string& text) {
  LoadedSettings loaded = parse_settings(text, "f");
  EXPECT_TRUE(loaded.errors.empty());
  return loaded.settings;
}

TEST(TriageMasks, HideWhatAnyFunctionAndTheQueueName) {
  const TriageMasks masks =
      masks_of(settings_of("functions: { a: { redact: [/x] }, b: { redact: [/y] } }\n"
                           "dead_letter_queues: { Q: { redact: [/z] }, R: { redact: [/r] } }\n"));
  const Mask of_q = masks.of("Q"), of_all = masks.of("");
  for (const char* pointer : {"/x", "/y", "/z"}) EXPECT_TRUE(of_q.touches(pointer)) << pointer;
  EXPECT_FALSE(of_q.touches("/r"));
  for (const char* pointer : {"/x", "/y", "/z", "/r"}) EXPECT_TRUE(of_all.touches(pointer)) << pointer;
  EXPECT_NE(masks.identity, masks_of(settings_of("functions: { a: { redact: [/x] } }")).identity);
  EXPECT_FALSE(masks_of(settings_of("functions: { a: {} }")).of);
}

class TriageIndexerTest : public TriageTest {
 protected:
  // Opens with the masks that hold, and tells of it.
  Result<std::unique_ptr<TriageIndex>> open_now() {
    const TriageMasks masks = masks_.get();
    {
      const std::lock_guard lock(mutex_);
      opened_.push_back(masks.identity);
    }
    changed_.notify_all();
    return TriageIndex::open(data_dir_, *transport_, "embedded", clock_, masks);
  }
  void wait_for_opening(std::size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return opened_.size() >= count; }));
  }

  MasksInForce masks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> opened_;  // identities of the masks
};

TEST_F(TriageIndexerTest, TakesOtherMasksWhenItIsTold) {
  put({.original = R"({"user":"anna-1"})", .message = "no user anna-1"});
  TriageIndexer indexer([this] { return open_now(); }, [] { return std::vector<std::string>{"MovieDLQ"}; },
                        std::chrono::hours(1));
  wait_for_opening(1);
  masks_.set(masks_of(settings_of("functions: { '*': { redact: [/user] } }")));
  indexer.reopen();
  wait_for_opening(2);
  EXPECT_EQ(opened_[0], "");
  EXPECT_EQ(opened_[1], masks_.get().identity);
}

}  // namespace
}  // namespace eddy::host
