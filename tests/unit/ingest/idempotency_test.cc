// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_journal.h"
#include "ingest/idempotency_keys.h"
#include "ingest/token.h"
#include "support/scripted_ingest.h"
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

// Callers that tokens tell apart.
class IdempotencyOfCallers : public IngestTest {
 protected:
  IdempotencyOfCallers() {
    IngestSettings settings;
    settings.tokens = {{"a", a_.hash, {"*"}, ""}, {"b", b_.hash, {"*"}, ""}};
    options_.authority = *Authority::make(settings);
  }
  static std::string by(const NewToken& token) { return kKey + "Authorization: Bearer " + token.token + "\r\n"; }
  bool replayed(const NewToken& token) {
    const auto answer = post(kGood, by(token));
    EXPECT_EQ(answer.result_int(), 200u);
    return answer.count("Idempotency-Replayed") > 0;
  }
  const NewToken a_ = make_token(), b_ = make_token();
};

TEST_F(IdempotencyOfCallers, AKeyIsItsCallersAlone) {
  start();
  EXPECT_FALSE(replayed(a_));
  EXPECT_FALSE(replayed(b_));
  EXPECT_TRUE(replayed(a_));
  EXPECT_EQ(post("[" + kGood + "]", by(b_)).result_int(), 422u);
  EXPECT_THAT(values("events"), SizeIs(2));
  restart();
  EXPECT_TRUE(replayed(a_));
  EXPECT_TRUE(replayed(b_));
  EXPECT_THAT(values("events"), SizeIs(2));
}

TEST_F(IdempotencyOfCallers, LettersOfOneKeyAndTwoCallersHaveTwoIds) {
  start();
  const auto first = post("{}", by(a_)).body();
  const auto second = post("{}", by(b_)).body();
  EXPECT_NE(first, second) << "the answer tells the letter's id";
  EXPECT_THAT(values("eventsDLQ"), SizeIs(2));
}

// What a version before has written, which did not tell callers apart.
TEST_F(IdempotencyOfCallers, KeysOfAVersionBeforeAreRemembered) {
  const std::string id = to_hex(key_id("events", "k1"));
  const std::string intent = R"({"state":"begun","body":")" + to_hex(sha256(kGood)) +
                             R"(","stream":"events","label":"events k1","records":true,"at_us":)" +
                             std::to_string(clock_.now_us()) + R"(,"status":200,"answer":"{\"accepted\":1}"})";
  const OutRecord entry{Bytes(id), Bytes(intent), {}, 0, {}};
  ASSERT_TRUE(store_->append(*IdempotencyJournal::make_stream(*store_), {&entry, 1}).ok());
  const Header label{Bytes(kIdempotencyHeader), Bytes("events k1")};
  const OutRecord record{{}, Bytes(kGood), {&label, 1}, clock_.now_us(), {}};
  ASSERT_TRUE(store_->append(stream_, {&record, 1}).ok());
  start();
  EXPECT_TRUE(replayed(a_));
  EXPECT_THAT(values("events"), SizeIs(1));
  EXPECT_EQ(post("[" + kGood + "]", by(b_)).result_int(), 200u) << "another body is another request's";
}

// What a function writes keeps the times of what it was made from.
class IdempotencyBeforeABacklog : public IngestTest {
 protected:
  void SetUp() override {
    start();
    transport_->only = static_cast<std::uint32_t>(stream_);
    transport_->mode = FailingAppends::Mode::kFailAfter;
    EXPECT_EQ(post(kGood, kKey).result_int(), 503u);
    transport_->mode = FailingAppends::Mode::kPass;
    const std::vector<OutRecord> old(5000, OutRecord{{}, Bytes("old"), {}, 1, {}});
    ASSERT_TRUE(store_->append(stream_, old).ok());
  }
};

TEST_F(IdempotencyBeforeABacklog, ARetryFindsItsRecords) {
  EXPECT_EQ(post(kGood, kKey).result_int(), 200u);
  EXPECT_THAT(values("events"), SizeIs(5001));
}

TEST_F(IdempotencyBeforeABacklog, ARestartFindsItsRecords) {
  restart();
  EXPECT_EQ(post(kGood, kKey)["Idempotency-Replayed"], "true");
  EXPECT_THAT(values("events"), SizeIs(5001));
}

TEST_F(IngestTest, AStreamMadeAnewIsSearchedFromItsBeginning) {
  const OutRecord wanted{{}, Bytes("wanted"), {}, 1, {}};
  ASSERT_TRUE(store_->append(stream_, {&wanted, 1}).ok());
  const auto find = [&](const TailStart& start) {
    return *find_in_tail(*store_, "events", start, [](const Record& r) { return r.value.view() == "wanted"; });
  };
  EXPECT_TRUE(find({{7}, INT64_MAX}));
  EXPECT_TRUE(find({{0}, INT64_MAX}));
  EXPECT_FALSE(find({{1}, INT64_MAX}));
}

TEST_F(IngestTest, TheStreamOfKeysHasTheCopiesItIsGiven) {
  class Noting final : public CountingTransport {
   public:
    Result<StreamId> ensure_stream(const StreamSpec& spec) override {
      noted = spec;
      return StreamId{1};
    }
    StreamSpec noted;
  } noting;
  ASSERT_TRUE(IdempotencyJournal::make_stream(noting, 3).ok());
  EXPECT_EQ(noting.noted.name, "eddy_idempotency");
  EXPECT_EQ(noting.noted.replication, 3u);
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

TEST(IdempotencyKeys, TheOldestAnswersShrinkToTheirCounts) {
  IdempotencyKeys keys(100, 4000);
  const std::string answer = R"({"accepted":7,"errors":[")" + std::string(900, 'x') + R"("]})";
  const auto id = [](int i) { return key_id("r", std::to_string(i)); };
  for (int i = 0; i < 10; ++i) {
    keys.claim(id(i), sha256("a"), i);
    keys.done(id(i), {207, answer});
  }
  EXPECT_LE(keys.answer_bytes(), 4000u);
  EXPECT_EQ(keys.answer(id(0)).body, R"({"accepted":7})");
  EXPECT_EQ(keys.answer(id(0)).status, 207);
  EXPECT_EQ(keys.answer(id(9)).body, answer);
  EXPECT_EQ(keys.claim(id(0), sha256("a"), 20), KeyState::kDone);
  keys.claim(id(10), sha256("a"), kKeyLifetimeUs + 30);  // all others are forgotten
  EXPECT_EQ(keys.answer_bytes(), 0u);
}

}  // namespace
}  // namespace eddy::host::test
