// SPDX-License-Identifier: Apache-2.0
// What a worker process says is read as what anybody may have written.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "function/call.h"
#include "function/process/messages.h"
#include "function/process/ring_sizes.h"

namespace eddy::host {
namespace {

constexpr StreamId kFirst{7}, kSecond{9};

struct ProcessMessages : testing::Test {
  ProcessMessages() {
    binding.destinations.push_back({"first", kFirst, 1, 1000, nullptr});
    binding.destinations.push_back({"second", kSecond, 4, 1000, nullptr});
  }

  std::vector<std::byte> written(const Called& called, bool poisoned = false) {
    WireWriter size({});
    write_answer(size, 5, called, poisoned, sent);
    std::vector<std::byte> bytes(size.size());
    WireWriter to(bytes);
    write_answer(to, 5, called, poisoned, sent);
    EXPECT_TRUE(to.fits());
    return bytes;
  }

  // The answer borrows from it.
  bool read(std::vector<std::byte> bytes) {
    message = std::move(bytes);
    WireReader from(message);
    return read_answer(from, binding, answer, taken);
  }

  // As the worker's own binding has it: a stream is its number.
  static Staging::Output output(std::uint32_t to, std::string_view value) {
    Staging::Output one;
    one.to = StreamId(to);
    one.value = Bytes(value);
    return one;
  }

  Binding binding;
  Staging sent, taken;
  Answer answer;
  std::vector<std::byte> message;
};

TEST_F(ProcessMessages, ARecordComesAsItWas) {
  const std::vector<Header> headers = {{Bytes("a"), Bytes()}, {Bytes("a"), Bytes("")}, {Bytes("b"), Bytes("\0x", 2)}};
  RecordRequest request{12, "raw", {Bytes(), Bytes("va\0lue", 6), headers, 77, 1234, 3, 0, 0}};
  WireWriter size({});
  write_record(size, request);
  std::vector<std::byte> bytes(size.size());
  WireWriter to(bytes);
  write_record(to, request);

  WireReader from(bytes);
  ASSERT_EQ(from.value<RequestKind>(), RequestKind::kRecord);
  RecordRequest read;
  std::vector<Header> read_headers;
  ASSERT_TRUE(read_record(from, read, read_headers));
  EXPECT_EQ(read.number, 12u);
  EXPECT_EQ(read.stream, "raw");
  EXPECT_EQ(read.record.partition, 3u);
  EXPECT_EQ(read.record.offset, 1234);
  EXPECT_EQ(read.record.timestamp_us, 77);
  EXPECT_TRUE(read.record.key.null());
  EXPECT_EQ(read.record.value, Bytes("va\0lue", 6));
  ASSERT_EQ(read.record.headers.size(), 3u);
  EXPECT_TRUE(read.record.headers[0].value.null());
  EXPECT_FALSE(read.record.headers[1].value.null());
  EXPECT_EQ(read.record.headers[2].value, Bytes("\0x", 2));
  EXPECT_GE(from.left(), 64u);  // what the decoder may read past the value
}

TEST_F(ProcessMessages, OutputsComeAsTheyWereForTheStreamsOfTheHost) {
  const std::vector<Header> headers = {{Bytes("h"), Bytes("v")}};
  Staging::Output whole = output(1, "two");
  whole.key = Bytes("");
  whole.headers = headers;
  whole.inherit_headers = false;
  whole.timestamp_us = 9;
  whole.partition = 3;
  sent.add(output(0, "one"));
  sent.add(whole);

  ASSERT_TRUE(read(written({})));
  EXPECT_EQ(answer.kind, AnswerKind::kCalled);
  EXPECT_EQ(answer.number, 5u);
  EXPECT_FALSE(answer.failed);
  ASSERT_EQ(taken.count(), 2u);
  EXPECT_EQ(taken.at(0).to, kFirst);
  EXPECT_TRUE(taken.at(0).key.null());
  EXPECT_TRUE(taken.at(0).inherit_headers);
  const Staging::Output second = taken.at(1);
  EXPECT_EQ(second.to, kSecond);
  EXPECT_EQ(second.key, Bytes(""));
  EXPECT_EQ(second.value, Bytes("two"));
  EXPECT_EQ(second.partition, 3u);
  EXPECT_EQ(second.timestamp_us, 9);
  ASSERT_EQ(second.headers.size(), 1u);
  EXPECT_EQ(second.headers[0].value, Bytes("v"));
}

TEST_F(ProcessMessages, AFailureComesWithItsFaultAndWithoutOutputs) {
  LetterFault fault{"SIGSEGV", 1, "x.so+0x10", {{"f()", "x.so+0x10 (x.cc:3)", true}}};
  Called called;
  called.cause = {"SIGSEGV", "in x", EDDY_FAIL_PLAIN, &fault, 0, true};
  called.fault = FaultKind::kSignal;
  called.seconds = 0.5;
  sent.add(output(0, "half done"));
  ASSERT_TRUE(read(written(called, true)));
  EXPECT_TRUE(answer.failed && answer.called && answer.poisoned);
  EXPECT_EQ(answer.type, "SIGSEGV");
  EXPECT_EQ(answer.message, "in x");
  EXPECT_EQ(answer.fault_kind, FaultKind::kSignal);
  EXPECT_EQ(answer.seconds, 0.5);
  EXPECT_TRUE(taken.empty());
  ASSERT_TRUE(answer.fault.has_value());
  ASSERT_EQ(answer.fault->frames.size(), 1u);
  EXPECT_EQ(answer.fault->frames[0].function, "f()");
  EXPECT_TRUE(answer.fault->frames[0].in_plugin);
}

TEST_F(ProcessMessages, AnOutputTheHostWouldNotStageIsNoAnswer) {
  sent.add(output(2, "to a stream that is not there"));
  EXPECT_FALSE(read(written({})));
  sent.clear();
  Staging::Output elsewhere = output(1, "x");
  elsewhere.partition = 4;
  sent.add(elsewhere);
  EXPECT_FALSE(read(written({})));
  sent.clear();
  sent.add(output(0, std::string(1001, 'x')));
  EXPECT_FALSE(read(written({})));
}

// An answer of `outputs` empty outputs with `headers` empty headers each: few bytes, and much to keep.
std::vector<std::byte> many(std::uint32_t outputs, std::uint32_t headers) {
  const auto write = [&](WireWriter& to) {
    to.value(AnswerKind::kCalled);
    to.value(std::uint64_t{5});
    to.value(std::uint8_t{0});    // flags
    to.value(std::uint8_t{255});  // no fault
    to.value(0.0);
    to.value(outputs);
    for (std::uint32_t i = 0; i < outputs; ++i) {
      to.value(std::uint32_t{0});
      to.value(std::uint8_t{0});
      to.value(std::uint32_t{0});
      to.value(std::int64_t{0});
      to.bytes(Bytes());
      to.bytes(Bytes());
      to.value(headers);
      for (std::uint32_t n = 0; n < 2 * headers; ++n) to.bytes(Bytes());
    }
  };
  WireWriter size({});
  write(size);
  std::vector<std::byte> bytes(size.size());
  WireWriter to(bytes);
  write(to);
  return bytes;
}

TEST_F(ProcessMessages, OutputsThatTakeMoreThanACallMayEmitAreNoAnswer) {
  binding.max_call_bytes = std::size_t{4} << 20;  // the real limit is millions of outputs
  const auto outputs = static_cast<std::uint32_t>(binding.max_call_bytes / call_bytes(0, 1, 0));
  const auto headers = static_cast<std::uint32_t>(binding.max_call_bytes / call_bytes(0, 0, 1));
  EXPECT_TRUE(read(many(1000, 10)));
  EXPECT_EQ(taken.count(), 1000u);
  EXPECT_FALSE(read(many(outputs + 1, 0)));
  EXPECT_FALSE(read(many(1, headers + 1)));
  EXPECT_TRUE(taken.empty());
  EXPECT_FALSE(read(many(4, headers / 3 + 1))) << "of all outputs";
  EXPECT_EQ(taken.count(), 2u);
}

TEST_F(ProcessMessages, HeadersCountAsWhatARecordMayHave) {
  const std::string value(600, 'v');
  const std::vector<Header> headers = {{Bytes("name"), Bytes(value)}};
  Staging::Output whole = output(0, value);
  whole.headers = headers;
  whole.inherit_headers = false;
  sent.add(whole);
  EXPECT_FALSE(read(written({})));
}

TEST_F(ProcessMessages, AStateIsNoLargerThanOneMaySave) {
  const auto state = [](std::size_t size) {
    const std::string bytes(size, 's');
    std::vector<std::byte> room(size + 64);
    WireWriter to(room);
    to.value(AnswerKind::kState);
    to.value(std::uint64_t{0});
    to.value(std::uint8_t{1});
    to.value(std::uint32_t{1});
    to.text(bytes);
    return room;
  };
  EXPECT_TRUE(read(state(kMaxStateBytes)));
  EXPECT_FALSE(read(state(kMaxStateBytes + 1)));
}

TEST(ProcessRings, AreAsLargeAsAMessageNeedsAndNoLargerThanWhatACallMayEmit) {
  EXPECT_EQ(ring_for(1000), 8192u);
  EXPECT_EQ(ring_for(std::size_t{1} << 20), std::size_t{4} << 20);
  EXPECT_EQ(ring_for(std::size_t{200} << 20), kLargestRing);
  EXPECT_EQ(ring_for(kLargestMessage), kLargestRing);
  EXPECT_EQ(ring_for(kLargestMessage + 1), std::nullopt);
  EXPECT_EQ(ring_for(std::numeric_limits<std::uint64_t>::max()), std::nullopt);
  EXPECT_LE(kLargestRing, 2 * Binding().max_call_bytes);
}

TEST_F(ProcessMessages, WhateverIsWrittenIsReadToAnEndAndNoFurther) {
  const std::vector<Header> headers = {{Bytes("h"), Bytes("v")}};
  Staging::Output whole = output(1, "value");
  whole.headers = headers;
  whole.inherit_headers = false;
  sent.add(whole);
  const std::vector<std::byte> good = written({});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> bytes(good);  // of its own size: a sanitizer sees a read past its end
    for (unsigned flips = 1 + random() % 4; flips != 0; --flips) {
      bytes[random() % bytes.size()] ^= std::byte(1U << (random() % 8));
    }
    static_cast<void>(read(std::move(bytes)));
  }
}

}  // namespace
}  // namespace eddy::host
