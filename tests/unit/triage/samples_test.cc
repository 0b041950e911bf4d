// SPDX-License-Identifier: Apache-2.0
// Letters that are kept whole, and shown when those of the queue have gone.
#include "triage/samples.h"

#include <sys/stat.h>

#include "triage/letter_lookup.h"
#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

using testing::UnorderedElementsAre;

constexpr std::int64_t kOneDay = 24 * 60 * kMinute;

class SamplesTest : public TriageTest {
 protected:
  std::vector<std::string> kept_ids() {
    std::vector<std::string> ids;
    const auto kept = index().kept("", 100);
    for (const KeptLetter& letter : *kept) ids.push_back(letter.place.id);
    return ids;
  }
  std::string put_at(std::int64_t failed_us, const std::string& key = "k", const std::string& queue = "MovieDLQ") {
    return put({.failed_us = failed_us, .key = key}, queue);
  }
  void pass_retention() { ASSERT_TRUE(transport_->apply_retention(kNow)); }
};

TEST_F(SamplesTest, AGroupKeepsAFewAndListsThem) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(put_at(kNow - (9 - i) * kMinute));
  const std::string other = put({.type = "other"});
  EXPECT_THAT(kept_ids(), UnorderedElementsAre(ids[0], ids[1], ids[2], other));
  const auto groups = index().groups("MovieDLQ", {}, {})->groups;
  EXPECT_THAT(groups.front().samples, ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_THAT(groups.back().samples, ElementsAre(other));
}

TEST_F(SamplesTest, ANewLetterTakesAPlaceOnceInHalfAnHour) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(put_at(kNow - (9 - i) * kMinute));
  EXPECT_THAT(kept_ids(), UnorderedElementsAre(ids[0], ids[1], ids[2]));
  clock_.advance(std::chrono::minutes(31));
  const std::string late = put_at(kNow), later = put_at(kNow + 1);
  EXPECT_THAT(kept_ids(), UnorderedElementsAre(ids[0], ids[1], late));
}

TEST_F(SamplesTest, ACopyIsWhatTheQueueHolds) {
  const std::string id = put({.original = R"({"a" : 1.50})", .key = "key"});
  const LetterPlace place = index().find(id)->front().place;
  const auto browser = *transport_->open_browser(place.queue);
  const Record held = browser->read(place.partition, place.offset, 1)->front();
  const auto kept = *index().kept(id);
  ASSERT_THAT(kept, SizeIs(1));
  const Record copy = kept[0].record();
  EXPECT_EQ(kept[0].place, place);
  EXPECT_EQ(copy.key, held.key);
  EXPECT_EQ(copy.value, held.value);
  EXPECT_EQ(copy.timestamp_us, held.timestamp_us);
  ASSERT_EQ(copy.headers.size(), held.headers.size());
  for (std::size_t i = 0; i < held.headers.size(); ++i) {
    EXPECT_EQ(copy.headers[i].name, held.headers[i].name);
    EXPECT_EQ(copy.headers[i].value, held.headers[i].value);
  }
}

TEST(KeptRecord, TellsNullFromEmptyAndRefusesWhatItHasNotWritten) {
  const Header headers[] = {{"a", "1"}, {"b", Bytes()}, {"", ""}};
  Record record;
  record.headers = headers;
  record.value = "";
  const std::string packed = KeptRecord::pack(record);
  const auto unpacked = KeptRecord::unpack(packed);
  ASSERT_TRUE(unpacked);
  EXPECT_TRUE(unpacked->record().key.null());
  EXPECT_FALSE(unpacked->record().value.null());
  ASSERT_THAT(unpacked->record().headers, SizeIs(3));
  EXPECT_TRUE(unpacked->record().headers[1].value.null());
  for (std::size_t size = 0; size < packed.size(); ++size) EXPECT_FALSE(KeptRecord::unpack(packed.substr(0, size)));
  EXPECT_FALSE(KeptRecord::unpack(packed + "x"));
}

TEST_F(SamplesTest, ALetterIsShownAfterItsRetention) {
  const std::string id = put_at(kNow - 40 * kOneDay, "k", "OtherDLQ");
  set_state(id, LetterState::kDiscarded);
  LetterLookup lookup(index(), *transport_);
  const auto before = *lookup.find(id);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->fetched.gone_us, 0);
  put({.type = "young"}, "OtherDLQ");
  pass_retention();
  EXPECT_THAT(*index().find(id), IsEmpty());
  const auto after = *lookup.find(id.substr(0, 20));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->fetched.gone_us, kNow);
  EXPECT_EQ(after->fetched.letter->original.view(), R"({"id":1})");
  EXPECT_EQ(after->fetched.letter->error_message, "no such movie");
  EXPECT_EQ(after->row.state, LetterState::kDiscarded);
  EXPECT_EQ(after->row.place.queue, "OtherDLQ");
  EXPECT_FALSE(*lookup.find("nothing"));
  EXPECT_EQ(lookup.find("").error().code, Code::kBadData) << "two begin like this";
}

TEST_F(SamplesTest, CopiesOfGroupsWithoutLettersAreForgottenAfterAWeek) {
  const std::string id = put_at(kNow - 40 * kOneDay, "k", "OtherDLQ");
  index();
  put({.type = "young"}, "OtherDLQ");
  pass_retention();
  EXPECT_THAT(*index().kept(id), SizeIs(1));
  clock_.advance(std::chrono::hours(24 * 7 - 1));
  EXPECT_THAT(*index().kept(id), SizeIs(1));
  clock_.advance(std::chrono::hours(2));
  EXPECT_THAT(*index().kept(id), IsEmpty());
}

TEST_F(SamplesTest, WhatHasGoneGivesItsPlaceFirst) {
  std::vector<std::string> old;
  for (int i = 0; i < 3; ++i) old.push_back(put_at(kNow - (40 - i) * kOneDay, "k", "OtherDLQ"));
  index();
  put({.type = "young"}, "OtherDLQ");
  pass_retention();
  index();
  clock_.advance(std::chrono::minutes(31));
  const std::string fresh = put_at(kNow - kMinute, "k", "OtherDLQ");
  const auto kept = kept_ids();
  EXPECT_THAT(kept, testing::Contains(fresh));
  EXPECT_EQ(std::ranges::count_if(old, [&](const auto& id) { return std::ranges::count(kept, id) == 1; }), 2);
}

TEST_F(SamplesTest, ALetterThatFailsAgainIsKeptAsItIsNow) {
  const std::string id = put({});
  index();
  fail_again(id, {.type = "std::logic_error", .failed_us = kNow});
  const auto kept = *index().kept(id);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].place, index().find(id)->front().place);
  EXPECT_EQ(kept[0].place.hops, 1u);
}

TEST_F(SamplesTest, LargeOnesAreNotKeptAndStillListed) {
  const std::string large = put({.original = "\"" + std::string(triage::kMostSampleBytes, 'x') + "\""});
  EXPECT_THAT(kept_ids(), IsEmpty());
  EXPECT_THAT(index().groups("MovieDLQ", {}, {})->groups.front().samples, ElementsAre(large));
}

TEST_F(SamplesTest, WhatIsEncryptedStaysEncrypted) {
  const auto key = *LetterKey::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  queue_options_.key = key;
  const std::string id = put({.original = R"({"card":"4111 1111"})"});
  use_letter_keys(std::make_shared<const Keyring>());
  const auto kept = *index().kept(id);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(std::string(kept[0].record().value.view()).find("4111"), std::string::npos);
  LetterLookup lookup(*index_, *transport_);
  EXPECT_EQ(lookup.find(id).error().code, Code::kConfig);
  use_letter_keys(std::make_shared<const Keyring>(Keyring{{key->id(), key}}));
  EXPECT_EQ((*lookup.find(id))->fetched.letter->original.view(), R"({"card":"4111 1111"})");
  use_letter_keys(std::make_shared<const Keyring>());
}

TEST_F(SamplesTest, NobodyElseReadsTheFile) {
  put({});
  index();
  for (const char* name : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file() + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777u, 0600u) << name;
  }
}

}  // namespace
}  // namespace eddy::host
