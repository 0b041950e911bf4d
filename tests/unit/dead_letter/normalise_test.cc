// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/normalise.h"

#include <gtest/gtest.h>

#include "dead_letter/fingerprint.h"

namespace eddy::host {
namespace {

std::string normalised(std::string_view message) {
  std::string text;
  append_normalised(text, message);
  return text;
}

TEST(Normalise, LeavesWordsAlone) {
  EXPECT_EQ(normalised("Invalid user_id: cannot be empty"), "Invalid user_id: cannot be empty");
  EXPECT_EQ(normalised(""), "");
  EXPECT_EQ(normalised("a dead beef, facade"), "a dead beef, facade");
}

TEST(Normalise, Numbers) {
  EXPECT_EQ(normalised("offset 42 of 1000"), "offset <n> of <n>");
  EXPECT_EQ(normalised("x=-12.5e+3, y=+0.1"), "x=<n>, y=<n>");
  EXPECT_EQ(normalised("12 items"), normalised("-7 items"));
  EXPECT_EQ(normalised("user42 and user43"), "user<n> and user<n>");
  EXPECT_EQ(normalised("/items/3/price"), "/items/<n>/price");
  EXPECT_EQ(normalised("took 1,000.5ms"), "took <n>ms");
  EXPECT_EQ(normalised("3."), "<n>.");
  EXPECT_EQ(normalised("2026-11-23T20:31:05.000123Z"), normalised("1999-01-02T03:04:05.1Z"));
}

TEST(Normalise, HexAndUuid) {
  EXPECT_EQ(normalised("at 0x7fff12ab"), "at <hex>");
  EXPECT_EQ(normalised("trace 4bf92f3577b34da6a3ce929d0e0e4736"), "trace <hex>");
  EXPECT_EQ(normalised("id 550e8400-e29b-41d4-a716-446655440000!"), "id <uuid>!");
  EXPECT_EQ(normalised("id aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"), "id <uuid>");
}

TEST(Normalise, QuotedText) {
  EXPECT_EQ(normalised("no such user \"ann\""), "no such user <text>");
  EXPECT_EQ(normalised("no such user 'ann's'"), "no such user <text>");
  EXPECT_EQ(normalised("`a` or \"b \\\" c\""), "<text> or <text>");
  EXPECT_EQ(normalised("can't read it, won't"), "can't read it, won't");
  EXPECT_EQ(normalised("an \"open quote"), "an \"open quote");
}

TEST(Normalise, LooksAtTheFrontOnly) {
  const std::string front(kNormalisedBytes, 'x');
  EXPECT_EQ(normalised(front + "abc"), normalised(front + "something else"));
}

TEST(Fingerprint, GroupsEqualCauses) {
  Fingerprint fingerprint;
  const std::string a(fingerprint.of("f", "T", "user 17 is 'ann'", nullptr));
  const std::string b(fingerprint.of("f", "T", "user 18 is 'bob'", nullptr));
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.size(), 16u);
  EXPECT_NE(a, fingerprint.of("g", "T", "user 17 is 'ann'", nullptr));
  EXPECT_NE(a, fingerprint.of("f", "U", "user 17 is 'ann'", nullptr));
  EXPECT_NE(a, fingerprint.of("f", "T", "users 17 is 'ann'", nullptr));
  EXPECT_EQ(a, fingerprint.of("f", "T", "user 19 is 'cid'", nullptr));
}

TEST(Fingerprint, TellsFramesInThePluginApart) {
  Fingerprint fingerprint;
  LetterFault one;
  one.frames = {{"memcpy", "libc.so.6+0x1", false}, {"parse", "a.so+0x10", true}};
  LetterFault moved = one;
  moved.frames[0].location = "libc.so.6+0x2";
  moved.frames[1].location = "a.so+0x20";  // rebuilt
  LetterFault other = one;
  other.frames[1].function = "format";
  const std::string of_one(fingerprint.of("f", "SIGSEGV", "m", &one));
  EXPECT_EQ(of_one, fingerprint.of("f", "SIGSEGV", "m", &moved));
  EXPECT_NE(of_one, fingerprint.of("f", "SIGSEGV", "m", &other));
  EXPECT_NE(of_one, fingerprint.of("f", "SIGSEGV", "m", nullptr));
}

// Stored letters are grouped by it: it must not change from release to release.
TEST(Fingerprint, IsFrozen) {
  Fingerprint fingerprint;
  EXPECT_EQ(fingerprint.of("f", "T", "user 17 is 'ann'", nullptr), "753da786676abfee");
}

}  // namespace
}  // namespace eddy::host
