// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/letter_state.h"

#include <gtest/gtest.h>

#include <string>

namespace eddy::host {
namespace {

// A record whose value is padded as a session pads it.
class Stored {
 public:
  Stored(std::string key, std::string value) : key_(std::move(key)), value_(std::move(value)) {
    size_ = value_.size();
    value_.append(64, '\0');
    record_.key = key_;
    record_.value = {value_.data(), size_};
    record_.offset = 7;
  }
  const Record& record() const { return record_; }

 private:
  std::string key_, value_;
  std::size_t size_ = 0;
  Record record_;
};

Stored stored(const LetterStateRecord& state) {
  LetterStateWriter writer;
  const OutRecord& out = writer.write(state);
  return {std::string(out.key.view()), std::string(out.value.view())};
}

TEST(LetterState, ComesBackAsItWasWritten) {
  const LetterStateRecord recovered{
      "ab12", "Movie_dlq", LetterState::kRecovered, 2, 1'764'000'000'000'001, "to_movie", "r1", "", 5'000'000};
  const LetterStateRecord discarded{"ab12",  "Movie_dlq", LetterState::kDiscarded, 0, 1'764'000'000'000'002,
                                    "local", "",          "a \"test\"\n\x01 of ä", -1};
  for (const LetterStateRecord& state : {recovered, discarded}) {
    const auto read = read_letter_state(stored(state).record());
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(*read, state);
  }
}

TEST(LetterState, CarriesItsTimeAsTheRecords) {
  LetterStateWriter writer;
  EXPECT_EQ(writer.write({.id = "a", .at_us = 42}).timestamp_us, 42);
}

TEST(LetterState, LeavesWhatItDoesNotKnow) {
  const Stored later("ab12", R"({"state":"redriven","hops":1,"at":"2026-11-28T10:00:00.000000Z","colour":["red"]})");
  const auto read = read_letter_state(later.record());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->state, LetterState::kRedriven);
  EXPECT_EQ(read->hops, 1u);
  EXPECT_EQ(read->recovery_us, -1);
}

TEST(LetterState, SaysWhatIsNone) {
  const auto error_of = [](const Stored& stored) {
    const auto read = read_letter_state(stored.record());
    return read ? std::string() : read.error().text;
  };
  EXPECT_NE(error_of({"", R"({"state":"redriven"})"}).find("key"), std::string::npos);
  EXPECT_NE(error_of({"a", "[1]"}).find("found [1]"), std::string::npos);
  EXPECT_NE(error_of({"a", R"({"state":"lost"})"}).find("found 'lost'"), std::string::npos);
  EXPECT_NE(error_of({"a", R"({"state":1})"}).find("/state"), std::string::npos);
  EXPECT_NE(error_of({"a", "{"}).find("eddy_dead_letter_states/0/7"), std::string::npos);
}

TEST(LetterState, NamesGoBothWays) {
  for (const LetterState state : {LetterState::kOpen, LetterState::kRecovered, LetterState::kRedriven,
                                  LetterState::kDiscarded, LetterState::kParked}) {
    EXPECT_EQ(letter_state(name_of(state)), state);
  }
  EXPECT_FALSE(letter_state("Open"));
}

}  // namespace
}  // namespace eddy::host
