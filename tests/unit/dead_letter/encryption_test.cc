// SPDX-License-Identifier: Apache-2.0
// Originals that are stored encrypted: they come back with the key, and only with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dead_letter/letter_key.h"
#include "letters.h"

namespace eddy::host::test {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

const char* const kOld = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const char* const kNew = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";

LetterKeyPtr key(const char* text) { return *LetterKey::parse(text); }

void use(std::initializer_list<const char*> texts) {
  auto keys = std::make_shared<Keyring>();
  for (const char* text : texts) keys->emplace(key(text)->id(), key(text));
  use_letter_keys(std::move(keys));
}

std::vector<QueueOptions> encrypted_options(const char* text = kOld) {
  std::vector<QueueOptions> all = all_options();
  for (QueueOptions& queue : all) queue.key = key(text);
  return all;
}

class Encryption : public testing::Test {
 protected:
  ~Encryption() override { use({}); }
};

TEST_F(Encryption, BringsEveryOriginalBackOverItsHops) {
  use({kOld});
  for (const Text& value :
       {Text(), Text(""), Text("null"), Text(R"({"card":"4111"})"), Text("\xff\0x"s), Text("text")}) {
    for (const QueueOptions& queue : encrypted_options()) {
      const OwnedRecord original("k1", value, {{"h", "v"}});
      LetterWriter writer;
      LetterReader reader;
      auto stored = OwnedRecord::of(writer.write(original.record(), failure(), queue));
      for (std::uint32_t hop = 0; hop < 3; ++hop) {
        const auto letter = reader.read(stored->record());
        ASSERT_TRUE(letter.ok()) << letter.error().text;
        EXPECT_EQ(text((*letter)->original), value);
        EXPECT_EQ(text((*letter)->key), Text("k1"));
        EXPECT_EQ(owned((*letter)->headers), original.headers());
        EXPECT_EQ((*letter)->encrypted_with, value ? key(kOld)->id() : "");
        stored = OwnedRecord::of(writer.write_again(stored->record(), **letter, recovery_failure(), queue));
      }
    }
  }
}

TEST_F(Encryption, LeavesNothingOfTheOriginalInTheStoredLetter) {
  const OwnedRecord original("k1", R"({"card":"4111-1111"})");
  for (const QueueOptions& queue : encrypted_options()) {
    LetterWriter writer;
    const OutRecord& out = writer.write(original.record(), failure(), queue);
    EXPECT_THAT(std::string(out.value.view()), Not(HasSubstr("4111")));
    EXPECT_THAT(std::string(out.value.view()), Not(HasSubstr("NDExMS0xMTEx")));
    const auto first = std::string(out.value.view());
    EXPECT_NE(writer.write(original.record(), failure(), queue).value.view(), first) << "a nonce of its own";
  }
}

TEST_F(Encryption, ReadsOlderLettersAfterARotation) {
  use({kNew, kOld});
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord original("k", "v");
  for (const char* text : {kOld, kNew}) {
    const auto stored = OwnedRecord::of(writer.write(original.record(), failure(), encrypted_options(text).front()));
    const auto letter = reader.read(stored->record());
    ASSERT_TRUE(letter.ok()) << letter.error().text;
    EXPECT_EQ((*letter)->original.view(), "v");
  }
}

TEST_F(Encryption, SaysWhichKeyIsMissingAndStillTellsTheFacts) {
  for (const QueueOptions& queue : encrypted_options()) {
    LetterWriter writer;
    LetterReader reader;
    const OwnedRecord original("k", "v");
    const auto stored = OwnedRecord::of(writer.write(original.record(), failure(), queue));
    use({kNew});
    const auto letter = reader.read(stored->record());
    ASSERT_FALSE(letter.ok());
    EXPECT_EQ(letter.error().code, Code::kConfig);
    EXPECT_THAT(letter.error().text, HasSubstr("is encrypted with key " + key(kOld)->id() + ", which is not at hand"));
    const auto facts = reader.read_facts(stored->record());
    ASSERT_TRUE(facts.ok()) << facts.error().text;
    EXPECT_EQ((*facts)->error_type, "std::invalid_argument");
    EXPECT_EQ((*facts)->encrypted_with, key(kOld)->id());
    EXPECT_TRUE((*facts)->original.null());
    use({kOld});
    EXPECT_TRUE(reader.read(stored->record()).ok());
  }
}

TEST_F(Encryption, OpensNothingThatWasChangedOrMovedToAnotherLetter) {
  const LetterKeyPtr at_hand = key(kOld);
  std::string sealed, opened;
  at_hand->seal(sealed, "secret", "id1", "digest1");
  EXPECT_EQ(sealed.size(), 6 + LetterKey::kOverhead);
  ASSERT_TRUE(at_hand->open(opened, sealed, "id1", "digest1").ok());
  EXPECT_EQ(opened, "secret");
  EXPECT_EQ(at_hand->open(opened, sealed, "id2", "digest1").error().code, Code::kCorrupt);
  EXPECT_EQ(at_hand->open(opened, sealed, "id1", "digest2").error().code, Code::kCorrupt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(at_hand->open(opened, changed, "id1", "digest1").ok()) << "byte " << i;
    EXPECT_FALSE(at_hand->open(opened, sealed.substr(0, i), "id1", "digest1").ok()) << "cut at " << i;
  }
  EXPECT_TRUE(opened.empty());
}

TEST_F(Encryption, TakesKeysInBothFormsAndRepeatsNoneInAnError) {
  EXPECT_EQ(key(kOld)->id(), key(key(kOld)->text().c_str())->id());
  EXPECT_NE(key(kOld)->id(), key(kNew)->id());
  for (const char* bad :
       {"", "secret-text", "AAEC", "zz2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"}) {
    const auto parsed = LetterKey::parse(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().code, Code::kConfig);
    EXPECT_THAT(parsed.error().text, Not(HasSubstr("secret-text")));
  }
}

// Frozen: letters of today must open with every later release.
TEST_F(Encryption, OpensWhatAnEarlierReleaseHasSealed) {
  EXPECT_EQ(key(kOld)->id(), "0485b4379f52fb2d");
  const OwnedRecord stored(
      "k",
      R"x({"original_record":"AQSFtDefUvstuKJ34pWwdBFFhda3Ezx3kyAUB7GxplK9TqwolCMvT72e4ZCLttGFsbw+rL9RxY4B5jqtoedVOOkiiLZS","error_message":"Invalid timestamp: cannot be negative","error_type":"std::invalid_argument","failed_at":"2025-11-23T20:31:05.000123Z","source":"transform","original_encoding":"encrypted","id":"f05087e3ca8a3d5996e521c1080a5728","fingerprint":"f915d3d282dbb512","function":"process_event","plugin":{"name":"events","version":"1.2.0","build_id":"0123456789abcdef0123456789abcdef01234567","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"origin":{"stream":"raw_events","partition":4,"offset":123,"timestamp":"2023-11-14T22:13:20.123456Z"},"attempts":1,"digest":"21910604e000c5ebac0d1fe08327c94c286c1d27eed0ad49f4e8ddb96e8b1980","encrypted_with":"0485b4379f52fb2d"})x");
  use({kOld});
  LetterReader reader;
  const auto letter = reader.read(stored.record());
  ASSERT_TRUE(letter.ok()) << letter.error().text;
  EXPECT_EQ((*letter)->original.view(), R"({"card":"4111-1111"})");
}

}  // namespace
}  // namespace eddy::host::test
