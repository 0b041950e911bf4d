// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "function/policy/retry_record.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kDueUs = 1'700'000'000'123'456;

// As a retry stream would give it back.
Record read_back(const OutRecord& wrapped) {
  return {.key = wrapped.key,
          .value = wrapped.value,
          .headers = wrapped.headers,
          .timestamp_us = 99,
          .offset = 7,
          .partition = wrapped.partition.value_or(0)};
}

std::vector<std::string> names(std::span<const Header> headers) {
  std::vector<std::string> all;
  for (const Header& header : headers) all.emplace_back(header.name.view());
  return all;
}

bool same(std::span<const Header> a, std::span<const Header> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Header& x, const Header& y) { return x.name == y.name && x.value == y.value; });
}

TEST(RetryRecord, OriginalBytesComeFirstAndUntouched) {
  const std::vector<Header> headers = {{"b", "1"}, {"a", Bytes()}, {"b", ""}, {"", "x"}};
  const Record record{.key = Bytes(),
                      .value = "",
                      .headers = headers,
                      .timestamp_us = 1'600'000'000'000'001,
                      .offset = 42,
                      .partition = 3};
  RetryRecord form;
  const OutRecord& wrapped = form.wrap(record, {"clicks", 3, 42}, {2, kDueUs}, 5);
  EXPECT_TRUE(wrapped.key.null());
  EXPECT_EQ(wrapped.value, Bytes(""));
  EXPECT_EQ(wrapped.partition, 5u);
  EXPECT_EQ(wrapped.timestamp_us, 0) << "written now: retention must not take it for an old one";
  EXPECT_THAT(
      names(wrapped.headers),
      testing::ElementsAre("b", "a", "b", "", "__eddy.retry.attempts", "__eddy.retry.due", "__eddy.retry.stream",
                           "__eddy.retry.partition", "__eddy.retry.offset", "__eddy.retry.timestamp"));
  EXPECT_TRUE(same(wrapped.headers.first(4), headers));
  EXPECT_EQ(wrapped.headers[4].value, Bytes("2"));
  EXPECT_EQ(wrapped.headers[5].value, Bytes("2023-11-14T22:13:20.124Z")) << "never before it is due";
  EXPECT_EQ(wrapped.headers[6].value, Bytes("clicks"));
  EXPECT_EQ(wrapped.headers[7].value, Bytes("3"));
  EXPECT_EQ(wrapped.headers[8].value, Bytes("42"));
  EXPECT_EQ(wrapped.headers[9].value, Bytes("1600000000000001"));
}

TEST(RetryRecord, ComesBackAsItWas) {
  const std::vector<Header> headers = {{"a", Bytes()}, {"a", "1"}};
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{1'600'000'000'000'001}, std::int64_t{-1},
                                  std::int64_t{8'000'000'000'000'000'000}}) {
    const Record record{
        .key = "k", .value = "v", .headers = headers, .timestamp_us = time, .offset = 42, .partition = 3};
    RetryRecord writer, reader;
    const auto back = reader.unwrap(read_back(writer.wrap(record, {"clicks", 3, 42}, {2, kDueUs}, 1)));
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ(back->origin.stream, "clicks");
    EXPECT_EQ(back->origin.partition, 3u);
    EXPECT_EQ(back->origin.offset, 42);
    EXPECT_EQ(back->record.key, Bytes("k"));
    EXPECT_EQ(back->record.value, Bytes("v"));
    EXPECT_TRUE(same(back->record.headers, headers));
    EXPECT_EQ(back->record.timestamp_us, time);
    EXPECT_EQ(back->record.partition, 3u);
    EXPECT_EQ(back->record.offset, 42);
    EXPECT_EQ(back->record.attempts, 2u);
    EXPECT_EQ(back->record.due_us, 1'700'000'000'124'000);
  }
}

TEST(RetryRecord, HeadersOfAnEarlierWrapAreReplaced) {
  const std::vector<Header> headers = {{"a", "1"}};
  Record record{.key = {}, .value = "v", .headers = headers, .offset = 42, .partition = 3};
  RetryRecord forms[8];
  for (std::uint32_t attempt = 1; attempt < 8; ++attempt) {
    const OutRecord& wrapped = forms[attempt].wrap(record, {"clicks", 3, 42}, {attempt, kDueUs}, 0);
    EXPECT_EQ(wrapped.headers.size(), 7u);
    const auto back = forms[0].unwrap(read_back(wrapped));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->record.attempts, attempt);
    record = back->record;
  }
}

TEST(RetryRecord, HeadersOfTheseNamesThatAnOriginalHasStayItsOwn) {
  RetryRecord other, form, reader;
  const OutRecord& theirs = other.wrap({.key = {}, .value = "v", .headers = {}}, {"elsewhere", 9, 9}, {9, 9}, 0);
  const Record record{.key = {}, .value = "v", .headers = theirs.headers, .offset = 42, .partition = 3};
  const auto back = reader.unwrap(read_back(form.wrap(record, {"clicks", 3, 42}, {1, kDueUs}, 0)));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->origin.stream, "clicks");
  EXPECT_TRUE(same(back->record.headers, theirs.headers));
}

TEST(RetryRecord, KeepsItsMemoryAndForgetsTheLastRecord) {
  const std::vector<Header> many(20, Header{"a", "1"});
  RetryRecord form, reader;
  form.wrap({.key = {}, .value = "long", .headers = many}, {"a long name of a stream", 1000, 1'000'000}, {100, kDueUs},
            9);
  const auto back =
      reader.unwrap(read_back(form.wrap({.key = {}, .value = "v", .headers = {}}, {"s", 0, 0}, {1, 0}, 0)));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->record.headers.empty());
  EXPECT_EQ(back->origin.stream, "s");
  EXPECT_EQ(back->record.due_us, 0);
}

TEST(RetryRecord, WhatIsNoneIsSaid) {
  RetryRecord form, reader;
  const OutRecord& good = form.wrap({.key = {}, .value = "v", .headers = {}}, {"s", 1, 2}, {3, kDueUs}, 0);
  const auto text = [&](std::vector<Header> headers) {
    const auto back = reader.unwrap({.key = {}, .value = "v", .headers = headers});
    EXPECT_FALSE(back);
    if (back) return std::string();
    EXPECT_EQ(back.error().code, Code::kBadData);
    return back.error().text;
  };
  EXPECT_THAT(text({}), HasSubstr("header __eddy.retry.attempts: expected it at place 6 from the end, found none"));
  const std::vector<Header> headers(good.headers.begin(), good.headers.end());
  auto changed = headers;
  changed.push_back({"x", "1"});
  EXPECT_THAT(text(changed), HasSubstr("found __eddy.retry.due")) << "something behind it";
  const std::pair<std::size_t, const char*> wrong[] = {{0, "-1"},         {0, ""},  {1, "soon"}, {2, ""},
                                                       {3, "4294967296"}, {4, "x"}, {4, "1 "},   {5, "late"}};
  for (const auto& [at, value] : wrong) {
    changed = headers;
    changed[at].value = value;
    EXPECT_THAT(text(changed), HasSubstr("header " + std::string(headers[at].name.view()) + ": expected")) << value;
  }
  changed = headers;
  changed[0].value = Bytes();
  EXPECT_THAT(text(changed), HasSubstr("attempts: expected a number"));
}

}  // namespace
}  // namespace eddy::host
