// SPDX-License-Identifier: Apache-2.0
// One record through a function: what becomes of odd values, and of letters that come back.
#include "function/processor.h"

#include <gmock/gmock.h>

#include "dead_letter/reader.h"
#include "function/call.h"
#include "support/capture_session.h"
#include "support/fake_image.h"

namespace eddy::host {
namespace {

using test::kOut;
using test::kParked;
using test::kQueue;
using testing::HasSubstr;

std::uint32_t pass_on(void*, void*, const eddy_input* input, eddy_call* call) {
  eddy_output out{};
  out.struct_size = sizeof out;
  out.value = input->dead_letter != nullptr ? input->dead_letter->original : input->record->value;
  return host_table()->emit(call, &out);
}

std::uint32_t refuse(void*, void*, const eddy_input*, eddy_call* call) {
  host_table()->fail(call, EDDY_FAIL_PLAIN, to_abi("Refused"), to_abi("always"));
  return EDDY_FAILED;
}

// One output for each letter of the value.
std::uint32_t emit_parts(void*, void*, const eddy_input* input, eddy_call* call) {
  for (std::size_t i = 0; i < input->record->value.size; ++i) {
    eddy_output output{};
    output.struct_size = sizeof output;
    output.value = {input->record->value.data + i, 1};
    host_table()->emit(call, &output);
  }
  return EDDY_OK;
}

class ProcessorTest : public testing::Test {
 protected:
  ProcessorTest() : guard_(*ThreadGuard::enter()), processor_(*guard_, clock_, policies_) {}

  void bind(std::string name, std::uint32_t input, test::Process process) {
    auto binding = std::make_shared<Binding>();
    binding->image = test::fake_image(std::move(name), EDDY_FUNCTION_TRANSFORM, input, "source", "out", process);
    binding->decl = &binding->image->manifest.functions.front();
    binding->destinations.push_back({"out", kOut, 1, 1 << 20, nullptr});
    binding->queue = "queue";
    binding->queue_id = kQueue;
    binding->parked_id = kParked;
    binding->queue_options.max_record_bytes = 1 << 20;
    binding->queue_options.max_hops = 2;
    ASSERT_TRUE(processor_.bind(binding).ok());
  }

  Outcome run(Bytes value, std::uint32_t deaths = 0) {
    padded_.assign(value.view());
    padded_.append(64, '\0');
    Record record;
    record.key = Bytes("k");
    record.value = value.null() ? Bytes() : Bytes(padded_.data(), value.size());
    record.offset = 12;
    session_.captured.clear();
    const auto ending = processor_.run({record, {"source", 0, 12}, deaths}, session_, counts_);
    EXPECT_TRUE(ending.ok());
    EXPECT_EQ(ending->kind, Ending::Kind::kEnded);
    return ending->outcome;
  }

  const SystemClock clock_;
  FunctionPolicies policies_{Breaker({}, clock_), LetterLimit({}, clock_)};
  std::unique_ptr<ThreadGuard> guard_;
  Processor processor_;
  test::CaptureSession session_;
  WorkerCounters counters_;
  UnitCounts counts_{counters_};
  std::string padded_;
};

TEST_F(ProcessorTest, ATombstoneIsARecordToRawFunctions) {
  bind("f", EDDY_INPUT_RECORD, pass_on);
  EXPECT_EQ(run(Bytes()), Outcome::kDelivered);
  EXPECT_EQ(session_.captured.at(0).value, "(null)");
}

TEST_F(ProcessorTest, ATombstoneIsADeadLetterToOthersAndStaysOne) {
  bind("f", EDDY_INPUT_JSON, pass_on);
  EXPECT_EQ(run(Bytes()), Outcome::kDeadLettered);
  const std::string envelope = session_.captured.at(0).value;
  EXPECT_THAT(envelope, HasSubstr(R"("original_record":null)"));
  EXPECT_THAT(envelope, HasSubstr(R"("original_encoding":"utf8")"));
  bind("again", EDDY_INPUT_DEAD_LETTER, pass_on);
  EXPECT_EQ(run(Bytes(envelope)), Outcome::kDelivered);
  EXPECT_EQ(session_.captured.at(0).value, "(null)");
}

TEST_F(ProcessorTest, AnEmptyValueIsNotANullOne) {
  bind("f", EDDY_INPUT_JSON, pass_on);
  EXPECT_EQ(run(Bytes("")), Outcome::kDeadLettered);
  EXPECT_THAT(session_.captured.at(0).value, HasSubstr(R"("original_record":"")"));
}

TEST_F(ProcessorTest, ALetterComesBackForItsFunctionAloneUntilItIsParked) {
  bind("f", EDDY_INPUT_RECORD, refuse);
  EXPECT_EQ(run(Bytes("x")), Outcome::kDeadLettered);
  const std::string first = session_.captured.at(0).value;
  bind("recover", EDDY_INPUT_DEAD_LETTER, refuse);
  EXPECT_EQ(run(Bytes(first)), Outcome::kDeadLettered);
  EXPECT_EQ(session_.captured.at(0).to, kQueue);
  const std::string second = session_.captured.at(0).value;
  EXPECT_THAT(second, HasSubstr(R"("returned_by":"recover")"));

  bind("other", EDDY_INPUT_DEAD_LETTER, pass_on);
  EXPECT_EQ(run(Bytes(second)), Outcome::kFiltered);
  EXPECT_TRUE(session_.captured.empty());

  bind("recover", EDDY_INPUT_DEAD_LETTER, refuse);
  EXPECT_EQ(run(Bytes(second)), Outcome::kDeadLettered);
  EXPECT_EQ(session_.captured.at(0).to, kParked);
  counts_.commit();
  EXPECT_EQ(counters_.recoveries[static_cast<std::size_t>(Recovery::kFailed)].get(), 2u);
}

TEST_F(ProcessorTest, WhatIsNoLetterIsParkedAtOnce) {
  bind("recover", EDDY_INPUT_DEAD_LETTER, pass_on);
  EXPECT_EQ(run(Bytes("no letter")), Outcome::kDeadLettered);
  EXPECT_EQ(session_.captured.at(0).to, kParked);
  EXPECT_THAT(session_.captured.at(0).value, HasSubstr("no letter"));
}

TEST_F(ProcessorTest, AnOutputThatItsStreamRefusesIsADeadLetterOfItsOwn) {
  bind("f", EDDY_INPUT_RECORD, pass_on);
  session_.refused_value = "x";
  EXPECT_EQ(run(Bytes("x")), Outcome::kDeadLettered);
  ASSERT_EQ(session_.captured.size(), 1u);
  EXPECT_EQ(session_.captured[0].to, kQueue);
  EXPECT_THAT(session_.captured[0].value, HasSubstr(R"("error_type":"RecordTooLarge")"));
  EXPECT_EQ(run(Bytes("y")), Outcome::kDelivered);
}

TEST_F(ProcessorTest, OneRefusedOutputKeepsTheOthersOfItsCallBack) {
  bind("f", EDDY_INPUT_RECORD, emit_parts);
  session_.refused_value = "b";
  EXPECT_EQ(run(Bytes("abc")), Outcome::kDeadLettered);
  ASSERT_EQ(session_.captured.size(), 1u);
  EXPECT_EQ(session_.captured[0].to, kQueue);
  EXPECT_EQ(run(Bytes("ac")), Outcome::kDelivered);
  EXPECT_EQ(session_.captured.size(), 2u);
}

TEST_F(ProcessorTest, DeathsCountAsAttempts) {
  bind("f", EDDY_INPUT_RECORD, refuse);
  EXPECT_EQ(run(Bytes("x"), 1), Outcome::kDeadLettered);
  EXPECT_THAT(session_.captured.at(0).value, HasSubstr(R"("attempts":2)"));
  bind("f", EDDY_INPUT_RECORD, pass_on);
  EXPECT_EQ(run(Bytes("x"), 2), Outcome::kDeadLettered);  // not run any more
  EXPECT_THAT(session_.captured.at(0).value, HasSubstr(R"("error_type":"Killed")"));
}

}  // namespace
}  // namespace eddy::host
