// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_keys.h"
#include "unit/ingest/ingest_fixture.h"

namespace eddy::host::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kKey = "Idempotency-Key: k1\r\n";

TEST_F(IngestTest, ARetryWithTheSameKeyIsAppendedOnce) {
  start();
  EXPECT_EQ(post(kGood, kKey).result_int(), 200u);
  const auto again = post(kGood, kKey);
  EXPECT_EQ(again.body(), R"({"accepted":1})");
  EXPECT_EQ(again["Idempotency-Replayed"], "true");
  EXPECT_THAT(values("events"), ElementsAre(kGood));
  EXPECT_EQ(post("[]", kKey).result_int(), 422u);
}

TEST_F(IngestTest, KeysAreRememberedThroughARestart) {
  start();
  const auto first = post("[" + kGood + ",7]", kKey);
  EXPECT_EQ(first.result_int(), 207u);
  restart();
  const auto again = post("[" + kGood + ",7]", kKey);
  EXPECT_EQ(again.result_int(), 207u);
  EXPECT_EQ(again.body(), first.body());
  EXPECT_THAT(values("events"), ElementsAre(kGood));
  EXPECT_THAT(values("eventsDLQ"), SizeIs(1));
}

TEST_F(IngestTest, AnAppendOfUnknownOutcomeIsLookedForBeforeItIsTriedAgain) {
  start();
  transport_->only = static_cast<std::uint32_t>(stream_);
  transport_->mode = FailingAppends::Mode::kFailAfter;
  EXPECT_EQ(post(kGood, kKey).result_int(), 503u);
  transport_->mode = FailingAppends::Mode::kPass;
  EXPECT_EQ(post(kGood, kKey).result_int(), 200u);
  EXPECT_THAT(values("events"), ElementsAre(kGood));
}

TEST_F(IngestTest, ARestartFindsTheRecordsOfAnIntentWithoutItsMark) {
  start();
  transport_->only = static_cast<std::uint32_t>(stream_);
  transport_->mode = FailingAppends::Mode::kFailAfter;
  EXPECT_EQ(post(kGood, kKey).result_int(), 503u);
  restart();
  EXPECT_EQ(post(kGood, kKey)["Idempotency-Replayed"], "true");
  EXPECT_THAT(values("events"), ElementsAre(kGood));
}

TEST_F(IngestTest, ARestartForgetsAnIntentWithoutRecords) {
  start();
  transport_->only = static_cast<std::uint32_t>(stream_);
  transport_->mode = FailingAppends::Mode::kFail;
  EXPECT_EQ(post(kGood, kKey).result_int(), 503u);
  EXPECT_THAT(values("events"), IsEmpty());
  restart();
  EXPECT_EQ(post(kGood, kKey).count("Idempotency-Replayed"), 0u);
  EXPECT_THAT(values("events"), ElementsAre(kGood));
}

TEST_F(IngestTest, AKeyLivesForADay) {
  start();
  EXPECT_EQ(post(kGood, kKey).result_int(), 200u);
  clock_.advance(std::chrono::hours(25));
  EXPECT_EQ(post(kGood, kKey).result_int(), 200u);
  EXPECT_THAT(values("events"), SizeIs(2));
}

TEST(IdempotencyKeys, TellsWhatIsUnderWay) {
  IdempotencyKeys keys(2);
  const KeyId id = key_id("r", "k");
  EXPECT_EQ(keys.claim(id, sha256("a"), 1), KeyState::kNew);
  EXPECT_EQ(keys.claim(id, sha256("a"), 2), KeyState::kPending);
  EXPECT_EQ(keys.claim(id, sha256("b"), 2), KeyState::kOtherBody);
  keys.unsure(id);
  EXPECT_EQ(keys.claim(id, sha256("a"), 3), KeyState::kLook);
  keys.done(id, {200, "x"});
  EXPECT_EQ(keys.claim(id, sha256("a"), 4), KeyState::kDone);
  EXPECT_EQ(keys.answer(id).body, "x");
  for (int i = 0; i < 5; ++i) {
    const KeyId other = key_id("r", std::to_string(i));
    keys.claim(other, sha256("a"), 10 + i);
    keys.done(other, {200, ""});
  }
  EXPECT_LE(keys.size(), 2u);
}

}  // namespace
}  // namespace eddy::host::test
