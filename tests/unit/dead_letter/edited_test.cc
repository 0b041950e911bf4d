// SPDX-License-Identifier: Apache-2.0
// Corrected copies of letters.
#include <gtest/gtest.h>

#include "dead_letter/digest.h"
#include "letters.h"

namespace eddy::host::test {
namespace {

constexpr std::int64_t kEditedAt = 1'763'930'000'000'000;

struct Edited {
  std::unique_ptr<OwnedRecord> stored, copy;
  std::string id, digest;
};

Edited edited(const QueueOptions& queue, std::string_view correction, bool after_a_hop = false) {
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord original("k1", R"({"timestamp":-1})", {{"h", "v"}, {"h", std::nullopt}});
  Edited made;
  made.stored = OwnedRecord::of(writer.write(original.record(), failure(), queue));
  const DeadLetter* letter = *reader.read(made.stored->record());
  if (after_a_hop) {
    made.stored = OwnedRecord::of(writer.write_again(made.stored->record(), *letter, recovery_failure(), queue));
    letter = *reader.read(made.stored->record());
  }
  made.id = letter->id;
  made.digest = letter->digest;
  const OutRecord& out = writer.write_edited(*letter, Bytes(correction), kEditedAt, queue);
  EXPECT_EQ(out.timestamp_us, kEditedAt) << "retention counts from the correction";
  made.copy = OwnedRecord::of(out);
  return made;
}

TEST(Edited, IsALetterOfItsOwnThatNamesItsOriginal) {
  for (const QueueOptions& queue : all_options()) {
    const Edited made = edited(queue, R"({"timestamp":1})");
    LetterReader reader;
    const DeadLetter& copy = **reader.read(made.copy->record());
    EXPECT_EQ(copy.original.view(), R"({"timestamp":1})");
    EXPECT_EQ(copy.edited_from_id, made.id);
    EXPECT_EQ(copy.edited_from_digest, made.digest);
    EXPECT_NE(copy.id, made.id);
    EXPECT_NE(copy.digest, made.digest);
    LetterDigest digest;
    EXPECT_EQ(copy.digest, digest.of_record(copy.key, copy.original, copy.headers));
    EXPECT_EQ(copy.key.view(), "k1");
    EXPECT_EQ(copy.headers.size(), 2u);
    EXPECT_EQ(copy.function, "process_event");
    EXPECT_EQ(copy.error_message, failure().error_message);
    EXPECT_EQ(copy.failed_at_us, failure().failed_at_us);
    EXPECT_EQ(copy.origin_stream, "raw_events");
    EXPECT_EQ(copy.origin_offset, 123);
    EXPECT_EQ(copy.plugin_version, "1.2.0");
    EXPECT_EQ(copy.hops, 0u);
    EXPECT_EQ(copy.fingerprint, (*LetterReader().read(made.stored->record()))->fingerprint) << "it stays in its group";
  }
}

TEST(Edited, IsTheSameLetterWhenItIsMadeAgain) {
  const Edited one = edited(options(), "1"), two = edited(options(), "1"), other = edited(options(), "2");
  EXPECT_EQ(one.copy->value(), two.copy->value());
  EXPECT_NE(one.copy->value(), other.copy->value());
}

TEST(Edited, IsAboutTheFirstFailureAndHasItsHopsBack) {
  for (const QueueOptions& queue : all_options()) {
    const Edited made = edited(queue, "1", true);
    LetterReader reader;
    const DeadLetter& copy = **reader.read(made.copy->record());
    EXPECT_EQ(copy.function, "process_event");
    EXPECT_EQ(copy.error_type, "std::invalid_argument");
    EXPECT_EQ(copy.hops, 0u);
    EXPECT_TRUE(copy.returned_by.empty());
    EXPECT_EQ(copy.edited_from_id, made.id);
  }
}

TEST(Edited, KeepsItsOriginalsNameWhenItFailsAgain) {
  for (const QueueOptions& queue : all_options()) {
    const Edited made = edited(queue, "1");
    LetterReader reader;
    LetterWriter writer;
    const DeadLetter& copy = **reader.read(made.copy->record());
    const auto again = OwnedRecord::of(writer.write_again(made.copy->record(), copy, recovery_failure(), queue));
    const DeadLetter& failed = **reader.read(again->record());
    EXPECT_EQ(failed.edited_from_id, made.id);
    EXPECT_EQ(failed.edited_from_digest, made.digest);
    EXPECT_EQ(failed.hops, 1u);
  }
}

}  // namespace
}  // namespace eddy::host::test
