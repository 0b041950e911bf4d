// SPDX-License-Identifier: Apache-2.0
// What became of letters: states, versions, retention.

#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

class StatesTest : public TriageTest {
 protected:
  LetterState state(const std::string& id) {
    const auto found = *index().find(id);
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? LetterState::kOpen : found[0].state;
  }
};

TEST_F(StatesTest, AStateHoldsUntilTheLetterFailsAgain) {
  const std::string id = put({});
  EXPECT_EQ(state(id), LetterState::kOpen);
  set_state(id, LetterState::kRedriven);
  EXPECT_EQ(state(id), LetterState::kRedriven);
  fail_again(id, {.type = "std::logic_error", .failed_us = kNow});
  EXPECT_EQ(state(id), LetterState::kOpen);
  EXPECT_EQ(index().state_of(id)->has_value(), false);
  set_state(id, LetterState::kRecovered, 1, 7 * kMinute);
  EXPECT_EQ(state(id), LetterState::kRecovered);
  EXPECT_EQ((*index().state_of(id))->by, "anna");

  const auto groups = *index().groups("MovieDLQ", all(), {});
  ASSERT_THAT(groups.groups, SizeIs(1));  // the first cause has no letter left
  EXPECT_EQ(groups.groups[0].error_type, "std::logic_error");
  EXPECT_EQ(groups.groups[0].refailures, 1u);
  EXPECT_EQ(groups.groups[0].recoveries, 1u);
  EXPECT_EQ(groups.groups[0].recovery_us, 7 * kMinute);
}

TEST_F(StatesTest, AStateMayComeBeforeItsLetter) {
  const std::string id = put({}, "OtherDLQ");
  const std::string parked = put({}, "OtherDLQ");
  set_state(id, LetterState::kDiscarded);
  auto other = open_index();
  const std::vector<std::string> none;
  EXPECT_EQ(other->catch_up(none)->states, 1u);
  EXPECT_THAT(*other->find(id), IsEmpty());
  catch_up(*other);
  EXPECT_EQ((*other->find(id))[0].state, LetterState::kDiscarded);
}

TEST_F(StatesTest, AParkedQueueIsReadAsItsQueuesWhicheverIsNamed) {
  const std::vector<std::string> both = {"MovieDLQ.parked", "MovieDLQ"};
  const auto parked = filter({{"state", "parked"}});
  auto other = open_index();
  for (std::size_t letters = 1; letters <= 2; ++letters) {
    put({}, "MovieDLQ.parked");
    ASSERT_TRUE(other->catch_up(std::span(both).first(letters)));
    EXPECT_THAT(*other->select("MovieDLQ", parked), SizeIs(letters));
  }
  EXPECT_THAT(*other->queues(), SizeIs(1));
}

TEST_F(StatesTest, AParkedLetterBelongsToItsQueue) {
  const std::string id = put({});
  fail_again(id, {.type = "still"}, "MovieDLQ.parked");
  EXPECT_EQ(state(id), LetterState::kParked);
  const auto found = *index().find(id);
  EXPECT_EQ(found[0].queue, "MovieDLQ");
  EXPECT_EQ(found[0].place.queue, "MovieDLQ.parked");
  EXPECT_THAT(*index().select("MovieDLQ", {}), IsEmpty());
  EXPECT_THAT(*index().select("MovieDLQ", filter({{"state", "parked"}})), SizeIs(1));
  set_state(id, LetterState::kRedriven, 1);
  EXPECT_EQ(state(id), LetterState::kRedriven);
}

TEST_F(StatesTest, TheLaterOfTwoStatesHolds) {
  const std::string id = put({});
  set_state(id, LetterState::kRedriven);
  set_state(id, LetterState::kRecovered, 0, kMinute);
  EXPECT_EQ(state(id), LetterState::kRecovered);
  set_state(id, LetterState::kDiscarded);
  EXPECT_EQ(state(id), LetterState::kDiscarded);
}

TEST_F(StatesTest, RecordsThatAreNoLettersArePassedOver) {
  OutRecord stranger;
  stranger.key = "k";
  stranger.value = "{}";
  append("MovieDLQ", stranger);
  append(kStateStream, stranger);
  put({});
  auto index = open_index();
  const CatchUp done = catch_up(*index);
  EXPECT_EQ(done.letters, 1u);
  EXPECT_EQ(done.strangers, 2u);
  EXPECT_EQ(catch_up(*index).strangers, 0u);
}

TEST_F(StatesTest, LettersThatLeftTheirQueueLeaveTheIndex) {
  constexpr std::int64_t kDay = 24LL * 60 * kMinute;
  const std::string old = put({.type = "old", .failed_us = kNow - 40 * kDay});
  set_state(old, LetterState::kDiscarded);
  const std::string young = put({.type = "young"}, "OtherDLQ");
  EXPECT_THAT(index().groups("", all(), {})->groups, SizeIs(2));
  ASSERT_TRUE(transport_->apply_retention(kNow));
  EXPECT_EQ(catch_up(*index_).gone, 1u);
  EXPECT_THAT(*index().find(old), IsEmpty());
  EXPECT_THAT(*index().find(young), SizeIs(1));
  EXPECT_THAT(index().groups("", all(), {})->groups, SizeIs(1));
}

}  // namespace
}  // namespace eddy::host
