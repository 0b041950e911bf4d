// SPDX-License-Identifier: Apache-2.0
// A new build beside its predecessor: each record's outputs are those of one of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sanitizers.h"
#include "dead_letter/reader.h"
#include "function/call.h"
#include "function/processor.h"
#include "support/capture_session.h"
#include "support/fake_image.h"

namespace eddy::host {
namespace {

using test::kOut;
using test::kQueue;
using testing::HasSubstr;

std::uint32_t emit(eddy_call* call, std::string_view text) {
  eddy_output out{};
  out.struct_size = sizeof out;
  out.value = to_abi(text);
  return host_table()->emit(call, &out);
}

std::uint32_t fail(eddy_call* call, std::uint32_t kind, std::string_view type) {
  host_table()->fail(call, kind, to_abi(type), to_abi("as the record says"));
  return EDDY_FAILED;
}

// What the first letter says: a build of either kind fails on 'o'dd ones.
std::uint32_t stable_build(void*, void*, const eddy_input* input, eddy_call* call) {
  if (input->record->value.data[0] == 'o') return fail(call, EDDY_FAIL_PLAIN, "Odd");
  return emit(call, "stable");
}

std::uint32_t new_build(void*, void*, const eddy_input* input, eddy_call* call) {
  switch (input->record->value.data[0]) {
    case 'o':
      return fail(call, EDDY_FAIL_PLAIN, "OddToo");
    case 'b':
      emit(call, "half of it");
      return fail(call, EDDY_FAIL_PLAIN, "Broken");
    case 'd':
      return fail(call, EDDY_FAIL_DEPENDENCY_DOWN, "Down");
    case 's':
      __builtin_trap();
    default:
      return emit(call, "new");
  }
}

std::uint32_t no_set_up(void*, eddy_call* call, eddy_str, void**) { return fail(call, EDDY_FAIL_PLAIN, "NoModel"); }

class CanaryTest : public testing::Test {
 protected:
  static std::shared_ptr<Image> image(const std::string& version, test::Process process) {
    auto image = std::const_pointer_cast<Image>(
        test::fake_image("f", EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "source", "out", process));
    image->identity.version = version;
    return image;
  }
  static std::shared_ptr<Binding> binding(const ImagePtr& image) {
    auto binding = std::make_shared<Binding>();
    binding->image = image;
    binding->decl = &binding->image->manifest.functions.front();
    binding->destinations.push_back({"out", kOut, 1, 1 << 20, nullptr});
    binding->queue = "queue";
    binding->queue_id = binding->parked_id = kQueue;
    binding->queue_options.max_record_bytes = 1 << 20;
    return binding;
  }
  Result<void> bind() {
    auto bound = binding(fresh_);
    bound->canary = Canary{binding(stable_), 2, counts_of_canary_};
    return processor_.bind(bound);
  }

  // The outputs of one record; of one that failed "Type by version".
  std::vector<std::string> run(const std::string& value, std::uint32_t partition = 0) {
    const std::string padded = value + std::string(64, '\0');
    Record record;
    record.value = Bytes(padded.data(), value.size());
    record.partition = partition;
    session_.captured.clear();
    const auto ending = processor_.run({record, {"source", partition, 0}, 0}, session_, counts_);
    EXPECT_TRUE(ending.ok());
    std::vector<std::string> out;
    for (const auto& captured : session_.captured) {
      out.push_back(captured.to == kQueue ? letter(captured.value) : std::string(captured.value));
    }
    return out;
  }
  static std::string letter(const std::string& value) {
    const std::string padded = value + std::string(64, '\0');
    Record record;
    record.value = Bytes(padded.data(), value.size());
    LetterReader reader;
    const auto read = reader.read(record);
    return std::string((*read)->error_type) + " by " + std::string((*read)->plugin_version);
  }

  using Texts = std::vector<std::string>;

  const SystemClock clock_{};
  FunctionPolicies policies_{Breaker({}, clock_), LetterLimit({}, clock_)};
  std::unique_ptr<ThreadGuard> guard_ = *ThreadGuard::enter();
  Processor processor_{*guard_, clock_, policies_};
  test::CaptureSession session_;
  WorkerCounters counters_;
  UnitCounts counts_{counters_};
  std::shared_ptr<CanaryCounts> counts_of_canary_ = std::make_shared<CanaryCounts>(CanaryBudget{0.5, 4});
  std::shared_ptr<Image> fresh_ = image("2.0.0", &new_build), stable_ = image("1.0.0", &stable_build);
};

TEST_F(CanaryTest, TheFirstPartitionsAreTheNewBuilds) {
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("x", 0), Texts{"new"});
  EXPECT_EQ(run("x", 1), Texts{"new"});
  EXPECT_EQ(run("x", 2), Texts{"stable"});
  EXPECT_EQ(run("b", 2), Texts{"stable"});
  EXPECT_EQ(run("o", 2), Texts{"Odd by 1.0.0"}) << "and its letters say who failed";
  EXPECT_EQ(counts_of_canary_->calls(), 2u);
  EXPECT_EQ(counts_of_canary_->broken(), 0u);
}

TEST_F(CanaryTest, WhatTheNewBuildBreaksIsDeliveredByItsPredecessorAlone) {
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("b"), Texts{"stable"}) << "nothing of what the new build had emitted";
  EXPECT_EQ(counts_of_canary_->calls(), 1u);
  EXPECT_EQ(counts_of_canary_->broken(), 1u);
  EXPECT_EQ(counts_of_canary_->first(), "f at source/0/0: Broken: as the record says");
  EXPECT_EQ(run("x"), Texts{"new"});
}

TEST_F(CanaryTest, WhatBothFailOnIsADeadLetterAndNoFaultOfTheNewBuild) {
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("o"), Texts{"Odd by 1.0.0"});
  EXPECT_EQ(counts_of_canary_->calls(), 1u);
  EXPECT_EQ(counts_of_canary_->broken(), 0u);
}

TEST_F(CanaryTest, WhatTheNewBuildRefusesUnreadIsBrokenOnlyWhereItsPredecessorDoesNotFail) {
  fresh_->manifest.functions.front().input = EDDY_INPUT_JSON;
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("o is no JSON"), Texts{"Odd by 1.0.0"});
  EXPECT_EQ(counts_of_canary_->calls(), 1u);
  EXPECT_EQ(counts_of_canary_->broken(), 0u) << "both fail on it";
  EXPECT_EQ(run("x is no JSON"), Texts{"stable"});
  EXPECT_EQ(counts_of_canary_->calls(), 2u);
  EXPECT_EQ(counts_of_canary_->broken(), 1u);
  EXPECT_THAT(counts_of_canary_->first(), HasSubstr("f at source/0/0: ParseError"));
  EXPECT_EQ(run("1"), Texts{"new"});
}

TEST_F(CanaryTest, ADependencyThatIsDownIsNoFaultOfTheNewBuild) {
  ASSERT_TRUE(bind());
  run("d");
  EXPECT_EQ(counts_of_canary_->broken(), 0u);
}

TEST_F(CanaryTest, AfterItsBudgetTheNewBuildIsNotCalledAnyMore) {
  ASSERT_TRUE(bind());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(run("b"), Texts{"stable"});
  EXPECT_FALSE(counts_of_canary_->stopped()) << "two of the first four are within it";
  EXPECT_EQ(run("b"), Texts{"stable"});
  EXPECT_TRUE(counts_of_canary_->stopped());
  EXPECT_EQ(run("x"), Texts{"stable"});
  EXPECT_EQ(counts_of_canary_->calls(), 3u);
}

TEST_F(CanaryTest, ARecordThatTheNewBuildFaultsOnIsDeliveredByItsPredecessor) {
  if (kThreadSanitizer) GTEST_SKIP() << "no signal can be survived";
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("s"), Texts{"stable"});
  EXPECT_TRUE(processor_.poisoned());
  EXPECT_TRUE(fresh_->poisoned);
  EXPECT_FALSE(stable_->poisoned);
  EXPECT_THAT(counts_of_canary_->refusal(), HasSubstr("f at source/0/0: SIGILL"));
  EXPECT_TRUE(counts_of_canary_->stopped());
}

TEST_F(CanaryTest, ANewBuildThatCannotBeSetUpStopsNothing) {
  fresh_->manifest.functions.front().code.create = &no_set_up;
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("x"), Texts{"stable"});
  EXPECT_THAT(counts_of_canary_->refusal(), HasSubstr("could not be set up: NoModel"));
}

TEST_F(CanaryTest, APredecessorThatCannotBeSetUpIsDoneWithout) {
  stable_->manifest.functions.front().code.create = &no_set_up;
  ASSERT_TRUE(bind());
  EXPECT_EQ(run("x", 2), Texts{"new"});
  fresh_->manifest.functions.front().code.create = &no_set_up;
  EXPECT_FALSE(bind());
}

}  // namespace
}  // namespace eddy::host
