// SPDX-License-Identifier: Apache-2.0
#include "sandbox/ring.h"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

#include "sandbox/shared_memory.h"

namespace eddy::host::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kBytes = 4096;

class RingTest : public ::testing::Test {
 protected:
  RingTest()
      : memory_(*SharedMemory::create("ring", kBytes, false)),
        writer_(memory_.ring(), kBytes, &written_, &read_),
        reader_(memory_.ring(), kBytes, &written_, &read_) {}

  bool write(const std::string& text) {
    std::byte* const room = writer_.reserve(text.size());
    if (room == nullptr) return false;
    std::memcpy(room, text.data(), text.size());
    writer_.commit(text.size());
    return writer_.publish();
  }
  std::string look() {
    auto message = reader_.next();
    if (!message) return message.error().text;
    return {reinterpret_cast<const char*>(message->data()), message->size()};
  }
  std::string read() {
    std::string text = look();
    reader_.release();
    return text;
  }

  SharedMemory memory_;
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> read_{0};
  RingWriter writer_;
  RingReader reader_;
};

TEST_F(RingTest, GivesMessagesInOrderAndKeepsOneUntilItIsReleased) {
  EXPECT_EQ(look(), "");
  EXPECT_TRUE(write("one"));
  EXPECT_TRUE(write("two"));
  EXPECT_EQ(look(), "one");
  EXPECT_EQ(read(), "one");
  EXPECT_EQ(read(), "two");
  EXPECT_EQ(look(), "");
}

TEST_F(RingTest, WrapsAroundInTheMiddleOfAMessage) {
  for (std::size_t i = 1; i < 3000; ++i) {
    const std::string text(i % 1500 + 1, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(write(text)) << i;
    ASSERT_EQ(read(), text) << i;
  }
}

TEST_F(RingTest, IsFullAndHasRoomAgain) {
  std::size_t count = 0;
  while (write(std::string(100, 'x'))) ++count;
  EXPECT_EQ(count, kBytes / message_room(100));
  EXPECT_EQ(writer_.reserve(100), nullptr);
  EXPECT_EQ(read(), std::string(100, 'x'));
  EXPECT_TRUE(write(std::string(100, 'y')));
  for (std::size_t i = 1; i < count; ++i) EXPECT_EQ(read(), std::string(100, 'x'));
  EXPECT_EQ(read(), std::string(100, 'y'));
  EXPECT_FALSE(reader_.ready());
}

TEST_F(RingTest, AMessageMayBeWrittenBeforeItsSizeIsKnown) {
  EXPECT_EQ(writer_.room().size(), kBytes - kMessageHead);
  for (std::size_t i = 1; i < 3000; ++i) {
    const std::string text(i % 1500 + 1, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(writer_.has_room(text.size())) << i;  // looks at the reader, if it must
    const std::span<std::byte> room = writer_.room();
    ASSERT_GE(room.size(), text.size()) << i;
    std::memcpy(room.data(), text.data(), text.size());
    writer_.commit(text.size());
    EXPECT_FALSE(reader_.ready());
    ASSERT_TRUE(writer_.show());
    ASSERT_EQ(read(), text) << i;
  }
  EXPECT_FALSE(writer_.show());
}

TEST_F(RingTest, ThereIsNoRoomWhenItIsFull) {
  ASSERT_TRUE(write(std::string(kBytes - kMessageHead, 'x')));
  EXPECT_TRUE(writer_.room().empty());
  read();
  EXPECT_TRUE(writer_.has_room(1));
  EXPECT_EQ(writer_.room().size(), kBytes - kMessageHead);
}

TEST_F(RingTest, TakesAMessageAsLargeAsItself) {
  const std::string most(writer_.most_message(), 'm');
  EXPECT_TRUE(write("shift"));
  EXPECT_EQ(read(), "shift");
  EXPECT_TRUE(write(most));
  EXPECT_EQ(writer_.reserve(1), nullptr);
  EXPECT_EQ(read(), most);
  EXPECT_EQ(writer_.reserve(most.size() + 1), nullptr);
  EXPECT_EQ(writer_.reserve(0), nullptr);
}

TEST_F(RingTest, ShowsOnlyWhatIsPublished) {
  ASSERT_NE(writer_.reserve(1000), nullptr);
  writer_.commit(10);
  EXPECT_FALSE(reader_.ready());
  EXPECT_TRUE(writer_.publish());
  EXPECT_FALSE(writer_.publish());
  EXPECT_EQ(look().size(), 10U);
}

TEST_F(RingTest, RefusesAWriterThatSaysNonsense) {
  for (const std::uint64_t nonsense : {std::uint64_t{8} + kBytes, ~std::uint64_t{0}, std::uint64_t{4}}) {
    written_ = nonsense;
    RingReader reader(memory_.ring(), kBytes, &written_, &read_);
    EXPECT_TRUE(reader.ready());
    const auto message = reader.next();
    ASSERT_FALSE(message) << nonsense;
    EXPECT_EQ(message.error().code, Code::kBadData);
    EXPECT_FALSE(reader.release());
  }
}

TEST_F(RingTest, RefusesAWriterThatGoesBack) {
  EXPECT_TRUE(write("one"));
  EXPECT_EQ(read(), "one");
  written_ = 0;
  EXPECT_THAT(look(), HasSubstr("cannot be"));
  written_ = 16;  // too late to be believed
  EXPECT_THAT(look(), HasSubstr("cannot be"));
}

TEST_F(RingTest, RefusesAMessageLargerThanWhatIsWritten) {
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{kBytes}, ~std::uint64_t{0}, ~std::uint64_t{0} - 6}) {
    std::memcpy(memory_.ring(), &size, sizeof size);
    written_ = 16;
    RingReader reader(memory_.ring(), kBytes, &written_, &read_);
    const auto message = reader.next();
    ASSERT_FALSE(message) << size;
    EXPECT_EQ(message.error().code, Code::kBadData);
  }
}

TEST_F(RingTest, RefusesAReaderThatHasReadWhatWasNeverWritten) {
  while (write(std::string(500, 'x'))) continue;
  for (const std::uint64_t nonsense : {std::uint64_t{1} << 40U, std::uint64_t{kBytes} * 2, std::uint64_t{3}}) {
    read_ = nonsense;
    EXPECT_EQ(writer_.reserve(500), nullptr);
    EXPECT_TRUE(writer_.misled());
  }
}

}  // namespace
}  // namespace eddy::host::testing
