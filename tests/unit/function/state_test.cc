// SPDX-License-Identifier: Apache-2.0
// A function's state, from the instance of one build to that of the next.
#include <gmock/gmock.h>

#include <array>
#include <cstring>

#include "base/sanitizers.h"
#include "function/call.h"
#include "function/processor.h"
#include "support/capture_session.h"
#include "support/fake_image.h"

namespace eddy::host {
namespace {

using test::kOut;
using test::kQueue;
using testing::HasSubstr;

// What the functions below are to do.
enum class Does { kWell, kRefuses, kFaults, kTooMuch };
Does on_save = Does::kWell;
Does on_load = Does::kWell;
std::uint32_t loaded_version = 0;

std::uint32_t refuse(eddy_call* call) {
  host_table()->fail(call, EDDY_FAIL_PLAIN, to_abi("Refused"), to_abi("not this one"));
  return EDDY_FAILED;
}

std::uint32_t create(void* user, eddy_call* call, eddy_str, void** instance) {
  if (user != nullptr) return refuse(call);
  static std::array<int, 16> counts;  // not from the heap: a fault leaves its instance behind
  static std::size_t next = 0;
  int& made = counts[next++ % counts.size()];
  made = 0;
  *instance = &made;
  return EDDY_OK;
}

void destroy(void*, void*) {}

// The count, as its output; "fault" ends the image.
std::uint32_t count(void*, void* instance, const eddy_input* input, eddy_call* call) {
  if (to_view(input->record->value) == "fault") __builtin_trap();
  const std::string text = std::to_string(++*static_cast<int*>(instance));
  eddy_output out{};
  out.struct_size = sizeof out;
  out.value = to_abi(text);
  return host_table()->emit(call, &out);
}

std::uint32_t save(void*, void* instance, eddy_call* call, const eddy_state_writer* to) {
  if (on_save == Does::kRefuses) return refuse(call);
  if (on_save == Does::kFaults) __builtin_trap();
  if (on_save == Does::kTooMuch) {
    const std::string much(1 << 20, 'x');
    for (int i = 0; i < 65; ++i) to->write(call, to_abi(much));
  }
  return to->write(call, {static_cast<const char*>(instance), sizeof(int)});
}

std::uint32_t load(void*, void* instance, eddy_call* call, std::uint32_t version, eddy_str bytes) {
  loaded_version = version;
  *static_cast<int*>(instance) = -1000;  // half of it is there already
  if (on_load == Does::kRefuses || bytes.size != sizeof(int)) return refuse(call);
  if (on_load == Does::kFaults) __builtin_trap();
  std::memcpy(instance, bytes.data, sizeof(int));
  return EDDY_OK;
}

struct Build {
  const char* plugin = "fake";
  const char* function = "count";
  std::uint32_t version = 1;
  bool offers = true;
  bool can_be_set_up = true;
};

class StateTest : public testing::Test {
 protected:
  StateTest() : guard_(*ThreadGuard::enter()), processor_(*guard_, clock_, policies_) {
    on_save = on_load = Does::kWell;
    loaded_version = 0;
  }
  static void SetUpTestSuite() { ASSERT_TRUE(install_guard()); }

  Result<void> bind(const Build& build) { return processor_.bind(make(build)); }

  std::shared_ptr<Binding> make(const Build& build) {
    auto binding = std::make_shared<Binding>();
    const auto image = std::const_pointer_cast<Image>(
        test::fake_image(build.function, EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "source", "out", count));
    image->identity.name = build.plugin;
    FunctionDecl& decl = image->manifest.functions.front();
    decl.code.user = build.can_be_set_up ? nullptr : &on_save;
    decl.code.create = create;
    decl.code.destroy = destroy;
    if (build.offers) decl.state = {sizeof(eddy_state), build.version, save, load};
    image_ = image;
    binding->image = image;
    binding->decl = &decl;
    binding->destinations.push_back({"out", kOut, 1, 1 << 20, nullptr});
    binding->queue = "queue";
    binding->queue_id = binding->parked_id = kQueue;
    binding->queue_options.max_record_bytes = 1 << 20;
    return binding;
  }

  // The output for one more record, or the type of its dead letter.
  std::string run(std::string value = "x") {
    value.reserve(value.size() + 64);
    Record record;
    record.value = Bytes(std::string_view(value));
    session_.captured.clear();
    const auto ending = processor_.run({record, {"source", 0, 12}, 0}, session_, counts_);
    EXPECT_TRUE(ending.ok());
    return session_.captured.at(0).value;
  }

  const SystemClock clock_;
  FunctionPolicies policies_{Breaker({}, clock_), LetterLimit({}, clock_)};
  std::unique_ptr<ThreadGuard> guard_;
  Processor processor_;
  test::CaptureSession session_;
  WorkerCounters counters_;
  UnitCounts counts_{counters_};
  ImagePtr image_;
};

TEST_F(StateTest, GoesOnInTheNextBuild) {
  ASSERT_TRUE(bind({.version = 1}));
  EXPECT_EQ(run(), "1");
  EXPECT_EQ(run(), "2");
  ASSERT_TRUE(bind({.version = 2}));
  EXPECT_EQ(loaded_version, 1U);
  EXPECT_EQ(run(), "3");
  ASSERT_TRUE(bind({.version = 3}));
  EXPECT_EQ(loaded_version, 2U);
  EXPECT_EQ(run(), "4");
}

TEST_F(StateTest, OfNothingIsAStateToo) {
  ASSERT_TRUE(bind({}));
  ASSERT_TRUE(bind({.version = 2}));
  EXPECT_EQ(loaded_version, 1U);
  EXPECT_EQ(run(), "1");
}

TEST_F(StateTest, IsForTheSamePluginAndFunction) {
  ASSERT_TRUE(bind({}));
  run();
  ASSERT_TRUE(bind({.plugin = "other"}));
  EXPECT_EQ(run(), "1");
  ASSERT_TRUE(bind({.plugin = "other", .function = "another"}));
  EXPECT_EQ(run(), "1");
}

TEST_F(StateTest, IsGoneWithABuildThatDoesNotTakeIt) {
  ASSERT_TRUE(bind({}));
  run();
  ASSERT_TRUE(bind({.offers = false}));
  EXPECT_EQ(run(), "1");
  ASSERT_TRUE(bind({}));
  EXPECT_EQ(run(), "1");
}

TEST_F(StateTest, IsKeptOverATimeWithNothingToRun) {
  ASSERT_TRUE(bind({}));
  run();
  processor_.unbind();
  processor_.unbind();
  EXPECT_THAT(bind({.can_be_set_up = false}).error().text, HasSubstr("could not be set up: Refused: not this one"));
  ASSERT_TRUE(bind({}));
  EXPECT_EQ(run(), "2");
}

TEST_F(StateTest, ThatIsRefusedLeavesAFreshInstance) {
  ASSERT_TRUE(bind({}));
  run();
  on_load = Does::kRefuses;
  ASSERT_TRUE(bind({.version = 2}));
  EXPECT_EQ(run(), "1") << "not the one that has half of it";
}

TEST_F(StateTest, ThatIsNotHandedOverLeavesAFreshInstance) {
  for (const Does does : {Does::kRefuses, Does::kTooMuch}) {
    on_save = Does::kWell;
    ASSERT_TRUE(bind({.plugin = "afresh"}));
    run();
    on_save = does;
    ASSERT_TRUE(bind({.plugin = "afresh", .version = 2}));
    EXPECT_EQ(loaded_version, 0U);
    EXPECT_EQ(run(), "1");
    processor_.unbind();
  }
}

TEST_F(StateTest, AFaultInSaveEndsItsImageAlone) {
  if (kThreadSanitizer) GTEST_SKIP() << "no signal can be survived";
  ASSERT_TRUE(bind({}));
  run();
  const ImagePtr old = image_;
  on_save = Does::kFaults;
  ASSERT_TRUE(bind({.version = 2}));
  EXPECT_TRUE(old->poisoned.load());
  EXPECT_FALSE(image_->poisoned.load());
  EXPECT_EQ(run(), "1");
}

TEST_F(StateTest, AFaultInLoadIsNotMetAgain) {
  if (kThreadSanitizer) GTEST_SKIP() << "no signal can be survived";
  ASSERT_TRUE(bind({}));
  run();
  on_load = Does::kFaults;
  EXPECT_THAT(bind({.version = 2}).error().text, HasSubstr("faulted when it took over a state of version 1"));
  EXPECT_TRUE(image_->poisoned.load());
  EXPECT_TRUE(processor_.state_faulted());
  ASSERT_TRUE(bind({.version = 2})) << "a fresh copy of the same build";
  EXPECT_EQ(run(), "1");
}

TEST_F(StateTest, OfAnInstanceThatFaultedIsNotTrusted) {
  if (kThreadSanitizer) GTEST_SKIP() << "no signal can be survived";
  ASSERT_TRUE(bind({}));
  run();
  EXPECT_THAT(run("fault"), HasSubstr(R"("error_type":"SIG)"));
  ASSERT_TRUE(processor_.poisoned());
  ASSERT_TRUE(bind({.version = 2}));
  EXPECT_EQ(loaded_version, 0U);
  EXPECT_EQ(run(), "1");
}

}  // namespace
}  // namespace eddy::host
