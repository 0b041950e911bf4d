// SPDX-License-Identifier: Apache-2.0
// The example of the contract, as it was built.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shipped.h"

namespace eddy::test {
namespace {

using ::testing::HasSubstr;

class Events : public ::testing::Test {
 protected:
  FakePlugin plugin{shipped("events")};
};

TEST_F(Events, DeclaresWhatItsWordsSay) {
  EXPECT_EQ(plugin.described(), EDDY_OK);
  const Declared& raw = plugin.find("stream", "raw_events");
  EXPECT_EQ(raw.dead_letter_queue, "raw_eventsDeadLetterQueue");
  EXPECT_EQ(raw.destination, Text());
  EXPECT_EQ(plugin.find("queue", "raw_eventsDeadLetterQueue").model, raw.model);
  EXPECT_EQ(plugin.find("ingest_api", "raw_events").destination, "raw_events");
  EXPECT_EQ(plugin.find("ingest_api", "raw_events").dead_letter_queue, "raw_eventsDeadLetterQueue");
  EXPECT_THROW(plugin.find("table", "raw_events"), std::runtime_error);
  EXPECT_THROW(plugin.find("ingest_api", "processed_events"), std::runtime_error);
  EXPECT_EQ(plugin.find("stream", "processed_events").destination, "processed_events");
  EXPECT_EQ(plugin.find("stream", "recovered_events").destination, "processed_events");
  EXPECT_EQ(plugin.find("table", "processed_events").model->fields[0].flags, std::uint32_t{EDDY_FIELD_KEY});
}

TEST_F(Events, DeclaresItsFunctions) {
  const Declared& process = plugin.find("function", "process_event");
  EXPECT_EQ(process.kind, std::uint32_t{EDDY_FUNCTION_TRANSFORM});
  EXPECT_EQ(process.input, std::uint32_t{EDDY_INPUT_ROW});
  EXPECT_EQ(process.source, "raw_events");
  EXPECT_EQ(process.destination, "processed_events");
  EXPECT_EQ(process.dead_letter_queue, "EventDLQ");
  const Declared& notify = plugin.find("function", "notify");
  EXPECT_EQ(notify.kind, std::uint32_t{EDDY_FUNCTION_CONSUMER});
  EXPECT_EQ(notify.destination, Text());
  const Declared& monitor = plugin.find("function", "monitor");
  EXPECT_EQ(monitor.source, "EventDLQ");
  EXPECT_EQ(monitor.input, std::uint32_t{EDDY_INPUT_DEAD_LETTER});
  EXPECT_EQ(plugin.find("function", "recover_event").destination, "recovered_events");
}

TEST_F(Events, ProcessesAndRefuses) {
  const Outcome good = plugin.run("process_event", {R"({"user_id":"u","action":"a","timestamp":1.5})"});
  ASSERT_EQ(good.outputs.size(), 1U) << good.message;
  EXPECT_EQ(good.outputs[0].value,
            R"({"user_id":"u","action":"a","processed_at":"2024-05-01T12:00:00.000001Z","is_valid":true})");
  const Outcome bad = plugin.run("process_event", {R"({"user_id":"","action":"a","timestamp":1})"});
  EXPECT_EQ(bad.error_type, "std::invalid_argument");
  EXPECT_EQ(bad.message, "Invalid user_id: cannot be empty");
  EXPECT_EQ(plugin.run("notify", {R"({"user_id":"u","action":"a","timestamp":1})"}).status, EDDY_OK);
  EXPECT_EQ(plugin.run("notify", {R"({"user_id":"u","action":"forbidden_action","timestamp":1})"}).message,
            "Forbidden action detected");
}

TEST_F(Events, RecoversOnlyWhatItCan) {
  const std::string original = R"({"user_id":"u","action":"a","timestamp":-2})";
  const Outcome recovered =
      plugin.recover("recover_event", {"std::invalid_argument", "Invalid timestamp: cannot be negative", original});
  EXPECT_EQ(recovered.status, EDDY_OK);
  EXPECT_EQ(plugin.recover("recover_event", {"x", "other", original}).status, std::uint32_t{EDDY_FILTERED});
  const Outcome unfit = plugin.recover("recover_event", {"x", "Invalid timestamp", R"({"user_id":1})"});
  EXPECT_EQ(unfit.error_type, "ValidationError");
  EXPECT_THAT(unfit.message, HasSubstr("/user_id"));
  forget_log_lines();
  plugin.recover("monitor", {"std::invalid_argument", "no", original});
  ASSERT_EQ(log_lines().size(), 1U);
  EXPECT_EQ(log_lines()[0].first, std::uint32_t{EDDY_LOG_WARN});
  EXPECT_EQ(log_lines()[0].second, "std::invalid_argument: no at 2024-05-01T12:00:00.000000Z from transform");
}

}  // namespace
}  // namespace eddy::test
