// SPDX-License-Identifier: Apache-2.0
// Dead letters that were sent back to the function that failed on them.
#include "dead_letter/letter_key.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/redrive_record.h"
#include "dead_letter/writer.h"
#include "unit_of_work_fixture.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Redrive : public UnitOfWorkTest {
 protected:
  // The function fails on it for ever, and its letter is in the queue.
  void fail(const std::string& value) {
    failures[value] = -1;
    append({value});
    Works works(*this, Intake::kSource);
    works.run_all();
    ASSERT_EQ(letters().size(), 1u);
  }

  // The newest letter, sent back.
  void send_back() {
    const auto browser = *store_->open_browser("dlq");
    const Position position = store_->positions("", "dlq")->front();
    const auto records = *browser->read(0, position.end - 1, 1);
    ASSERT_EQ(records.size(), 1u);
    RedriveRecord wrapper;
    const OutRecord& wrapped = wrapper.wrap(records.front(), "r7", "dlq");
    append_to(redrive_stream_of("f"), wrapped);
  }

  void append_to(const std::string& stream, const OutRecord& record) {
    ASSERT_TRUE(store_->append(*store_->find_stream(stream), std::span(&record, 1)).ok());
  }

  std::vector<LetterStateRecord> states() {
    std::vector<LetterStateRecord> all;
    each(kStateStream, [&](const Record& record) { all.push_back(*read_letter_state(record)); });
    return all;
  }

  // Id, hops and whether it is for one function only, of each letter in the queue.
  struct Version {
    std::string id, returned_by, first_function, first_type;
    std::uint32_t hops = 0, attempts = 0;
  };
  std::vector<Version> versions(const std::string& queue = "dlq") {
    std::vector<Version> all;
    LetterReader reader;
    each(queue, [&](const Record& record) {
      const DeadLetter& letter = **reader.read(record);
      all.push_back({std::string(letter.id), std::string(letter.returned_by), std::string(letter.first_function),
                     std::string(letter.first_error_type), letter.hops, letter.attempts});
    });
    return all;
  }
};

TEST_F(Redrive, TheFunctionSeesTheOriginalAndItIsTold) {
  fail("k:one");
  failures["k:one"] = 0;
  const std::int64_t failed = clock_.now_us();
  clock_.advance(std::chrono::seconds(90));
  send_back();
  Works works(*this, Intake::kRedrives);
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("k:one"));
  ASSERT_EQ(states().size(), 1u);
  const LetterStateRecord state = states().front();
  EXPECT_EQ(state.id, versions().front().id);
  EXPECT_EQ(state.state, LetterState::kRecovered);
  EXPECT_EQ(state.queue, "dlq");
  EXPECT_EQ(state.by, "f");
  EXPECT_EQ(state.redrive, "r7");
  EXPECT_EQ(state.hops, 0u);
  EXPECT_EQ(state.recovery_us, clock_.now_us() - failed);
  EXPECT_EQ(works.counters->recoveries[static_cast<std::size_t>(Recovery::kRecovered)].get(), 1u);
  EXPECT_DOUBLE_EQ(works.counters->recovery_seconds.sum(), 90);
}

TEST_F(Redrive, WhatFailsAgainIsTheSameLetterWithOneHopMore) {
  fail("one");
  send_back();
  Works works(*this, Intake::kRedrives);
  works.run_all();
  const auto all = versions();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].id, all[0].id);
  EXPECT_EQ(all[1].hops, 1u);
  EXPECT_EQ(all[1].attempts, 2u);
  EXPECT_EQ(all[1].first_function, "f");
  EXPECT_EQ(all[1].first_type, "Broken");
  EXPECT_EQ(all[1].returned_by, "") << "every function over the queue sees it";
  EXPECT_THAT(states(), IsEmpty());
  EXPECT_EQ(works.counters->recoveries[static_cast<std::size_t>(Recovery::kFailed)].get(), 1u);
}

TEST_F(Redrive, ALetterComesBackAsOftenAsItIsSent) {
  fail("one");
  for (std::uint32_t hops = 1; hops < 3; ++hops) {
    send_back();
    Works works(*this, Intake::kRedrives);
    works.run_all();
    EXPECT_EQ(versions().back().hops, hops);
  }
  failures["one"] = 0;
  send_back();
  Works works(*this, Intake::kRedrives);
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("one"));
  ASSERT_EQ(states().size(), 1u);
  EXPECT_EQ(states().front().hops, 2u) << "it is about the newest";
}

TEST_F(Redrive, RetriesHappenInPlace) {
  fail("one");
  failures["one"] = 1;
  settings_.retry.mode = RetryMode::kStream;
  settings_.retry.max_attempts = 2;
  settings_.retry.jitter = 0;
  send_back();
  Works works(*this, Intake::kRedrives);
  works.run_all();
  EXPECT_THAT(out(), IsEmpty());
  clock_.advance(std::chrono::seconds(1));
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("one"));
  EXPECT_EQ(states().size(), 1u);
}

TEST_F(Redrive, WhatCannotBeReadIsNotCalled) {
  RedriveRecord wrapper;
  Record letter;
  letter.value = Bytes("no letter");
  append_to(redrive_stream_of("f"), wrapper.wrap(letter, "r7", "dlq"));
  Works works(*this, Intake::kRedrives);
  works.run_all();
  EXPECT_THAT(calls, IsEmpty());
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters().front().type, "ParseError");
  EXPECT_EQ(letters().front().value, "no letter") << "nothing is lost";
}

TEST_F(Redrive, WhatIsEncryptedWaitsForItsKey) {
  const LetterKeyPtr key = *LetterKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  QueueOptions encrypted;
  encrypted.key = key;
  const std::string padded = std::string("one") + std::string(64, '\0');
  Record record;
  record.value = Bytes(padded.data(), 3);
  Failure failure;
  failure.function = "f";
  failure.stream = "in";
  LetterWriter writer;
  append_to("dlq", writer.write(record, failure, encrypted));
  append_to(redrive_stream_of("f"), {Bytes(), Bytes("plain"), {}, 1, 0});
  send_back();
  Works works(*this, Intake::kRedrives);
  works.run();
  EXPECT_THAT(out(), ElementsAre("plain")) << "what stands before it is not held up";
  const auto ran = works.unit.run(std::chrono::milliseconds(0));
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Code::kConfig);
  works.unit.gave_up();
  ASSERT_TRUE(works.session->abort());
  EXPECT_EQ(store_->positions("", "dlq")->front().end, 1) << "it is no failure";

  use_letter_keys(std::make_shared<const Keyring>(Keyring{{key->id(), key}}));
  works.run_all();
  use_letter_keys(std::make_shared<const Keyring>());
  EXPECT_THAT(out(), ElementsAre("plain", "one"));
}

TEST_F(Redrive, AStrangersRecordIsARecord) {
  const OutRecord stranger{Bytes(), Bytes("plain"), {}, 1, 0};
  append_to(redrive_stream_of("f"), stranger);
  Works works(*this, Intake::kRedrives);
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("plain"));
  EXPECT_THAT(states(), IsEmpty());
}

}  // namespace
}  // namespace eddy::host
