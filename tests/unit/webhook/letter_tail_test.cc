// SPDX-License-Identifier: Apache-2.0
#include "webhook/letter_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "base/temporary_folder.h"
#include "dead_letter/writer.h"
#include "stream/embedded/embedded.h"

namespace eddy::host::webhook {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class LetterTailTest : public testing::Test {
 protected:
  LetterTailTest() { EXPECT_TRUE(store_->ensure_stream({"Q", 2, 0}).ok()); }

  void write(const OutRecord& record) {
    ASSERT_TRUE(store_->append(*store_->find_stream("Q"), std::span(&record, 1)).ok());
  }

  void fail(const std::string& type, std::int64_t at_us) {
    const std::string padded = "{}" + std::string(64, '\0');
    Record record;
    record.value = {padded.data(), 2};
    record.offset = failed_++;
    Failure failure;
    failure.error_type = type;
    failure.function = "f";
    failure.stream = "in";
    failure.failed_at_us = at_us;
    write(writer_.write(record, failure, {}));
  }

  std::string file() const { return folder_.path() + "/webhooks.json"; }

  // What is visited: types, and whether they are new.
  std::vector<std::pair<std::string, bool>> read(LetterTail& tail) {
    std::vector<std::pair<std::string, bool>> seen;
    const auto visit = [&](const DeadLetter& letter, bool is_new) { seen.emplace_back(letter.error_type, is_new); };
    EXPECT_TRUE(tail.read("Q", visit).ok());
    return seen;
  }

  const TemporaryFolder folder_ = *TemporaryFolder::make();
  const std::unique_ptr<Transport> store_ = *open_embedded({.data_dir = folder_.path()});
  LetterWriter writer_;
  std::int64_t failed_ = 0;
};

TEST_F(LetterTailTest, EachLetterOnceAndEachCauseNewOnce) {
  LetterTail tail(*store_, file(), 0);
  fail("A", 10);
  fail("A", 11);
  EXPECT_THAT(read(tail), ElementsAre(Pair("A", true), Pair("A", false)));
  EXPECT_THAT(read(tail), IsEmpty());
  fail("B", 12);
  fail("A", 13);
  EXPECT_THAT(read(tail), testing::UnorderedElementsAre(Pair("B", true), Pair("A", false)));
}

TEST_F(LetterTailTest, CausesFromBeforeItBeganAreKnown) {
  fail("A", 10);
  LetterTail tail(*store_, file(), 100);
  EXPECT_THAT(read(tail), IsEmpty());
  fail("A", 101);
  fail("B", 102);
  EXPECT_THAT(read(tail), testing::UnorderedElementsAre(Pair("A", false), Pair("B", true)));
}

TEST_F(LetterTailTest, GoesOnWhereItWasSaved) {
  {
    LetterTail tail(*store_, file(), 5);
    fail("A", 10);
    read(tail);
    ASSERT_TRUE(tail.save({}).ok());
    fail("B", 11);
    read(tail);  // not saved
  }
  LetterTail tail(*store_, file(), 1000);
  EXPECT_THAT(read(tail), ElementsAre(Pair("B", true)));
  fail("A", 12);
  EXPECT_THAT(read(tail), ElementsAre(Pair("A", false)));
}

TEST_F(LetterTailTest, KeepsWhatIsStillToBeTold) {
  Notice notice;
  notice.id = "1";
  notice.event = "rate";
  notice.queue = "Q";
  notice.at_us = 7;
  notice.error_message = "a \"message\" that is no UTF-8: \xff";
  notice.rate = 2.5;
  {
    LetterTail tail(*store_, file(), 5);
    EXPECT_THAT(tail.waiting(), IsEmpty());
    ASSERT_TRUE(tail.save({}).ok());
    ASSERT_TRUE(tail.save({{"chat", {notice}}, {"pager", {}}}).ok()) << "nothing else has changed";
  }
  {
    LetterTail tail(*store_, file(), 6);
    ASSERT_THAT(tail.waiting(), ElementsAre(Pair("chat", testing::SizeIs(1))));
    EXPECT_EQ(std::filesystem::status(file()).permissions() & std::filesystem::perms(077),
              std::filesystem::perms::none);
    const Notice& kept = tail.waiting().at("chat")[0];
    EXPECT_EQ(to_json(kept, 0), to_json(notice, 0));
    EXPECT_EQ(kept.at_us, 7);
    EXPECT_EQ(kept.error_message, "a \"message\" that is no UTF-8: \xef\xbf\xbd");
    ASSERT_TRUE(tail.save({{"chat", {}}}).ok());
  }
  EXPECT_THAT(LetterTail(*store_, file(), 7).waiting(), IsEmpty()) << "it was told";
}

TEST_F(LetterTailTest, ADamagedFileIsABeginning) {
  std::int64_t now = 0;
  for (const char* text : {"", "nonsense", "{}", R"({"since_us":1,"queues":{"Q":{"next":{"x":1},"groups":[]}}})",
                           R"({"since_us":1,"queues":{},"waiting":{"chat":[{"id":"1"}]}})"}) {
    std::ofstream(file(), std::ios::trunc) << text;
    now += 100;
    fail("A", now - 1);
    LetterTail tail(*store_, file(), now);
    EXPECT_THAT(read(tail), IsEmpty()) << text;
    fail("A", now + 1);
    EXPECT_THAT(read(tail), ElementsAre(Pair("A", false))) << text;
    ASSERT_TRUE(tail.save({}).ok());
  }
}

TEST_F(LetterTailTest, WhatIsNoLetterIsPassedOver) {
  LetterTail tail(*store_, file(), 0);
  write({Bytes(), Bytes("no letter"), {}, 1, {}});
  fail("A", 10);
  EXPECT_THAT(read(tail), ElementsAre(Pair("A", true)));
}

TEST_F(LetterTailTest, AQueueThatIsNotThereIsAnError) {
  LetterTail tail(*store_, file(), 0);
  EXPECT_FALSE(tail.read("none", [](const DeadLetter&, bool) {}).ok());
}

TEST_F(LetterTailTest, SaysWhyItCannotBeSaved) {
  LetterTail tail(*store_, folder_.path() + "/no/such/folder", 0);
  const auto saved = tail.save({});
  ASSERT_FALSE(saved.ok());
  EXPECT_THAT(saved.error().text, testing::HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace eddy::host::webhook
