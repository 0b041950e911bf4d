// SPDX-License-Identifier: Apache-2.0
#include "settings/letter_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/temporary_folder.h"
#include "settings/load.h"
#include "settings/rules.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kFirst = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string kSecond = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";

std::string id_of(const std::string& text) { return (*LetterKey::parse(text))->id(); }

class LetterKeys : public testing::Test {
 protected:
  std::string file_with(const std::string& text, ::mode_t mode = 0600) {
    const std::string path = folder_.path() + "/keys";
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string first_error(const LoadedSettings& loaded) {
    return loaded.errors.empty() ? "" : loaded.errors.front().text;
  }
  static LoadedSettings with(const std::string& encryption) {
    return parse_settings("dead_letter_queues: { 'Q*': { encryption: { " + encryption + " } } }", "f");
  }

  TemporaryFolder folder_ = *TemporaryFolder::make();
};

TEST_F(LetterKeys, TheFirstWritesAndAllRead) {
  const LoadedSettings loaded =
      with("key_file: " + file_with("# since May\n" + kSecond + "\n\n" + kFirst + " # before\n"));
  ASSERT_THAT(first_error(loaded), IsEmpty());
  const Settings& settings = loaded.settings;
  ASSERT_NE(settings.queue("Q1").options.key, nullptr);
  EXPECT_EQ(settings.queue("Q1").options.key->id(), id_of(kSecond));
  EXPECT_EQ(settings.queue("Other").options.key, nullptr);
  ASSERT_NE(settings.letter_keys, nullptr);
  EXPECT_EQ(settings.letter_keys->size(), 2u);
  EXPECT_TRUE(settings.letter_keys->contains(id_of(kFirst)));
}

TEST_F(LetterKeys, MayStandInTheConfigurationApartByCommas) {
  const LoadedSettings loaded = with("key: '" + kFirst + "," + kSecond + "'");
  ASSERT_THAT(first_error(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings.queue("Q").options.key->id(), id_of(kFirst));
  EXPECT_EQ(loaded.settings.letter_keys->size(), 2u);
}

TEST_F(LetterKeys, AFileThatOthersMayReadIsRefused) {
  EXPECT_THAT(first_error(with("key_file: " + file_with(kFirst, 0640))), HasSubstr("chmod 600 it"));
  EXPECT_THAT(first_error(with("key_file: " + file_with("# none\n"))), HasSubstr("found none"));
  EXPECT_THAT(first_error(with("key_file: " + file_with(kFirst + "\ngeheim"))),
              HasSubstr("keys: expected a key of 32"));
  EXPECT_THAT(first_error(with("key_file: /")), HasSubstr("expected a file"));
}

TEST_F(LetterKeys, CanBeTakenBackForAQueue) {
  const LoadedSettings loaded = parse_settings(
      "dead_letter_queues:\n  '*': { encryption: { key: '" + kFirst + "' } }\n  Plain: { encryption: { key: '' } }\n",
      "f");
  ASSERT_THAT(first_error(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings.queue("Plain").options.key, nullptr);
  EXPECT_NE(loaded.settings.queue("Q").options.key, nullptr);
}

TEST_F(LetterKeys, ATableInClearHasToBeAskedFor) {
  const std::string key = "encryption: { key: '" + kFirst + "'";
  const auto error = [](const std::string& queues) {
    return first_error(parse_settings("dead_letter_queues:\n" + queues, "f"));
  };
  EXPECT_THAT(error("  Q: { table: letters, " + key + " } }\n"),
              HasSubstr("dead_letter_queues[\"Q\"].table: table letters would have in clear"));
  EXPECT_THAT(error("  '*': { table: letters }\n  Q: { " + key + " } }\n"), HasSubstr("encryption.table_in_clear"));
  EXPECT_THAT(error("  Q: { table: letters, " + key + ", table_in_clear: true } }\n"), IsEmpty());
  EXPECT_THAT(error("  '*': { " + key + " } }\n  Q: { table: letters, encryption: { key: '' } }\n"), IsEmpty());
  EXPECT_THAT(error("  '*': { table: letters }\n  Q: { table: '', " + key + " } }\n"), IsEmpty());
}

TEST_F(LetterKeys, TwoGlobsMayMeetInAQueuesNameAlone) {
  const LoadedSettings loaded = parse_settings(
      "dead_letter_queues:\n  'Card*': { encryption: { key: '" + kFirst + "' } }\n  '*DLQ': { table: letters }\n", "f");
  ASSERT_THAT(first_error(loaded), IsEmpty());
  EXPECT_THAT(queue_conflict(loaded.settings.queue("CardDLQ")), HasSubstr("table letters would have in clear"));
  EXPECT_EQ(queue_conflict(loaded.settings.queue("CardQueue")), "");
  EXPECT_EQ(queue_conflict(loaded.settings.queue("MovieDLQ")), "");
}

}  // namespace
}  // namespace eddy::host
