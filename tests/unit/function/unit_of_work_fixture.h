// SPDX-License-Identifier: Apache-2.0
// One function over a real store, run unit by unit, with a clock that the test moves.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/temporary_folder.h"
#include "dead_letter/reader.h"
#include "function/call.h"
#include "function/runner.h"
#include "function/unit_of_work.h"
#include "guard/guard.h"
#include "metrics/counters.h"
#include "stream/embedded/embedded.h"
#include "support/fake_image.h"
#include "support/manual_clock.h"

namespace eddy::host {

// What the function does with a value: so many failures before it is delivered; -1: for ever.
inline std::map<std::string, int> failures;
inline std::vector<std::string> calls;
inline std::uint32_t failure_kind = EDDY_FAIL_PLAIN;

inline std::uint32_t fails_as_told(void*, void*, const eddy_input* input, eddy_call* call) {
  const std::string value(to_view(input->record->value));
  calls.push_back(value);
  if (int& left = failures[value]; left != 0) {
    if (left > 0) --left;
    host_table()->fail(call, failure_kind, to_abi("Broken"), to_abi("as told"));
    return EDDY_FAILED;
  }
  eddy_output output{};
  output.struct_size = sizeof output;
  output.value = input->record->value;
  host_table()->emit(call, &output);
  return EDDY_OK;
}

class UnitOfWorkTest : public testing::Test {
 protected:
  UnitOfWorkTest() : guard_(*ThreadGuard::enter()) {
    EXPECT_TRUE(install_guard().ok());
    failures.clear();
    calls.clear();
    failure_kind = EDDY_FAIL_PLAIN;
    for (const char* name : {"out", "dlq", "dlq.parked"}) EXPECT_TRUE(store_->ensure_stream({name, 1, 0}).ok());
    EXPECT_TRUE(store_->ensure_stream({"in", 2, 0}).ok());
    for (const std::string& name : {redrive_stream_of("f"), std::string(kStateStream)}) {
      EXPECT_TRUE(store_->ensure_stream({name, 1, 0}).ok());
    }
  }

  static std::string stream_of(Intake intake) {
    if (intake == Intake::kSource) return "in";
    return intake == Intake::kRetries ? retry_stream_of("f") : redrive_stream_of("f");
  }
  static std::string group_of_intake(Intake intake) {
    if (intake == Intake::kSource) return group_of("f");
    return intake == Intake::kRetries ? retry_group_of("f") : redrive_group_of("f");
  }

  // A worker's parts, made anew by each test and by each "restart" within one.
  struct Works {
    Works(UnitOfWorkTest& test, Intake intake)
        : policies{Breaker(test.settings_.breaker, test.clock_), LetterLimit(test.settings_.limits, test.clock_)},
          source(stream_of(intake)),
          binding(test.bind()),
          session(*test.store_->open_session({group_of_intake(intake), source, 0, 1})),
          cell(*test.journal_->acquire(source, 0)),
          suspects(*test.journal_, source),
          counts(*counters),
          processor(*test.guard_, test.clock_, policies),
          unit({*session, processor, counts, policies, *cell, suspects, test.clock_, slot, source, intake}) {
      EXPECT_TRUE(processor.bind(binding).ok());
      EXPECT_TRUE(unit.bind(*binding).ok());
    }

    FunctionPolicies policies;
    const std::string source;
    BindingPtr binding;
    std::unique_ptr<Session> session;
    JournalCell* cell;
    Suspects suspects;
    std::shared_ptr<WorkerCounters> counters = std::make_shared<WorkerCounters>();
    UnitCounts counts;
    Slot slot;
    Processor processor;
    UnitOfWork unit;

    // One unit, as a worker runs it.
    void run() {
      const auto ran = unit.run(std::chrono::milliseconds(0));
      ASSERT_TRUE(ran.ok()) << ran.error().text;
      if (unit.retracted()) {
        unit.gave_up();
        ASSERT_TRUE(session->abort().ok());
        return;
      }
      ASSERT_TRUE(session->commit().ok());
      unit.committed();
    }
    // Until nothing is left that can be done now.
    void run_all() {
      do run();
      while (unit.records() > 0);
    }
  };

  BindingPtr bind() {
    auto binding = std::make_shared<Binding>(*test::fake_binding(
        test::fake_image("f", EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "in", "out", fails_as_told), *store_, "dlq",
        settings_));
    binding->states_id = *store_->find_stream(kStateStream);
    if (settings_.retry.mode == RetryMode::kStream) {
      const std::uint32_t tiers = RetryPolicy(settings_.retry).tiers();
      binding->retry =
          RetryStream{retry_stream_of("f"), *store_->ensure_stream({retry_stream_of("f"), tiers, 0}), tiers, 1};
    }
    return binding;
  }

  // To partition 0, "key:value" or a value alone.
  void append(const std::vector<std::string>& values, std::uint32_t partition = 0) {
    std::vector<OutRecord> records;
    for (const std::string& value : values) {
      const std::size_t colon = value.find(':');
      const Bytes key = colon == std::string::npos ? Bytes() : Bytes(value.data(), colon);
      records.push_back({key, Bytes(value), {}, 1, partition});
    }
    ASSERT_TRUE(store_->append(*store_->find_stream("in"), records).ok());
  }

  template <typename Take>
  void each(const std::string& stream, Take take) {
    const auto browser = *store_->open_browser(stream);
    const auto positions = *store_->positions("", stream);
    for (const Position& position : positions) {
      const auto records = *browser->read(position.partition, position.begin, 1000);
      for (const Record& record : records) take(record);
    }
  }
  std::vector<std::string> out() {
    std::vector<std::string> values;
    each("out", [&](const Record& record) { values.emplace_back(record.value.view()); });
    return values;
  }
  struct Letter {
    std::string value, type, stream;
    std::uint32_t attempts = 0;
    std::int64_t offset = 0;
    bool operator==(const Letter&) const = default;
  };
  std::vector<Letter> letters() {
    std::vector<Letter> all;
    LetterReader reader;
    each("dlq", [&](const Record& record) {
      const DeadLetter& letter = **reader.read(record);
      all.push_back({std::string(letter.original.view()), std::string(letter.error_type),
                     std::string(letter.origin_stream), letter.attempts, letter.origin_offset});
    });
    return all;
  }
  Position position(std::uint32_t partition = 0) { return store_->positions(group_of("f"), "in")->at(partition); }

  const TemporaryFolder folder_ = *TemporaryFolder::make();
  const std::unique_ptr<Transport> store_ = *open_embedded({.data_dir = folder_.path()});
  const std::unique_ptr<Journal> journal_ = *Journal::open(folder_.path() + "/journal");
  std::unique_ptr<ThreadGuard> guard_;
  test::ManualClock clock_;
  FunctionSettings settings_;
};

}  // namespace eddy::host
