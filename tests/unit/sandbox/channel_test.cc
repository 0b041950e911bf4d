// SPDX-License-Identifier: Apache-2.0
#include "sandbox/channel.h"

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "unit/sandbox/support.h"

namespace eddy::host::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Wake = Channel::Wake;

// A wait that sits out its time finds at its end what it should have been woken for: only this tells it from a good
// one.
Wake wait_and_be_woken(Channel& channel) {
  const auto begin = std::chrono::steady_clock::now();
  const Wake wake = channel.wait(kPatience);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPatience);
  return wake;
}

EDDY_CHILD(echo) {
  std::uint64_t count = 0;
  while (true) {
    const auto message = channel.next();
    if (!message || message->empty()) return message ? 0 : 1;
    channel.set_cursor(++count);
    say(channel, text_of(*message));
    channel.release();
  }
}

TEST(Channel, CarriesMessagesOfEverySizeBothWays) {
  Peer peer("echo");
  for (std::size_t size = 1; size <= peer.channel().most_message(); size = size * 3 / 2 + 1) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    peer.send(text);
    ASSERT_EQ(peer.hear(), text) << size;
  }
  const std::string most(peer.channel().most_message(), 'm');
  peer.send(most);
  EXPECT_EQ(peer.hear(), most);
  EXPECT_GT(peer.channel().cursor(), 10U);
}

TEST(Channel, WakesEitherEndAfterALongSleep) {
  Peer peer("echo");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(peer.channel().wait(50ms), Wake::kTimeout);  // both sleep by now
    peer.send("wake");
    EXPECT_EQ(peer.hear(), "wake");
  }
}

TEST(Channel, NoWakeUpIsLost) {
  Peer peer("echo");
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = std::to_string(i);
    peer.send(text);
    ASSERT_EQ(wait_and_be_woken(peer.channel()), Wake::kMessage);
    ASSERT_EQ(peer.hear(), text);
  }
}

EDDY_CHILD(shows) {
  while (true) {
    const auto message = channel.next();
    if (!message || message->empty()) return message ? 0 : 1;
    std::byte* const room =
        channel.room().size() < message->size() ? channel.reserve(message->size()) : channel.room().data();
    std::memcpy(room, message->data(), message->size());
    channel.commit(message->size());
    channel.show(8);
    channel.release();
  }
}

TEST(Channel, NoWakeUpIsLostWhenMessagesAreOnlyShown) {
  Peer peer("shows");
  EXPECT_EQ(peer.channel().wait(50ms), Wake::kTimeout);  // both sleep by now
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = std::to_string(i);
    peer.send(text);
    ASSERT_EQ(wait_and_be_woken(peer.channel()), Wake::kMessage);
    ASSERT_EQ(peer.hear(), text);
  }
}

TEST(Channel, KeepsManyMessagesInFlightInOrder) {
  Peer peer("echo", 4096, 4096);
  int sent = 0;
  int heard = 0;
  while (heard < 20'000) {
    const std::string text = "message " + std::to_string(sent);
    std::byte* const room = sent < 20'000 ? peer.channel().reserve(text.size()) : nullptr;
    if (room != nullptr) {
      std::memcpy(room, text.data(), text.size());
      peer.channel().commit(text.size());
      ++sent;
      continue;
    }
    peer.channel().publish();
    const Wake wake = peer.channel().wait(kPatience);
    if (wake == Wake::kRoom) continue;
    ASSERT_EQ(wake, Wake::kMessage);
    ASSERT_EQ(peer.hear(), "message " + std::to_string(heard++));
  }
}

// Answers to nothing, so that only the room that it frees can wake the host.
EDDY_CHILD(swallow) {
  while (true) {
    const auto message = channel.next();
    if (!message || message->empty()) return 0;
    channel.release();
  }
}

TEST(Channel, TellsOfRoom) {
  Peer peer("swallow", 4096, 4096);
  for (int i = 0; i < 1000; ++i) {
    while (peer.channel().reserve(3000) == nullptr) ASSERT_EQ(wait_and_be_woken(peer.channel()), Wake::kRoom);
    peer.channel().commit(3000);
    peer.channel().publish();
  }
}

TEST(Channel, AChildThatIsAskedToStopEnds) {
  Peer peer("echo");
  peer.send("last");
  peer.channel().request_stop();
  EXPECT_EQ(describe(peer.process().wait()), "exited with status 0");
  EXPECT_EQ(peer.hear(), "last");
  EXPECT_EQ(peer.channel().wait(kPatience), Wake::kInterrupted);
}

EDDY_CHILD(dies) {
  say(channel, "last words");
  return 3;
}

TEST(Channel, DeathInterruptsTheWaitButLosesNoMessage) {
  Peer peer("dies");
  EXPECT_EQ(describe(peer.process().wait()), "exited with status 3");
  EXPECT_EQ(peer.hear(), "last words");
  EXPECT_EQ(peer.channel().wait(kPatience), Wake::kInterrupted);
  EXPECT_EQ(peer.channel().wait(kPatience), Wake::kInterrupted);
}

TEST(Channel, DeathEndsAWaitThatHasBegun) {
  Peer peer("echo");
  std::thread killer([&] { kill(peer.process().pid(), SIGKILL); });
  EXPECT_EQ(wait_and_be_woken(peer.channel()), Wake::kInterrupted);
  killer.join();
  EXPECT_EQ(describe(peer.process().wait()), "was killed by signal SIGKILL");
}

// A hostile child: it writes over its half of the channel whatever it likes, for as long as it lives.
EndWords* own_words = nullptr;

EDDY_CHILD(wild) {
  const auto request = channel.next();
  if (!request) return 1;
  const std::string how(text_of(*request));
  // The only shared mapping that is writable is the response's.
  std::byte* const room = channel.reserve(8) - kMessageHead;
  own_words = reinterpret_cast<EndWords*>(room - SharedMemory::kWordsSize);
  if (how == "size") {
    const std::uint64_t size = 1U << 30U;
    std::memcpy(room, &size, sizeof size);
    own_words->written = 64;
  } else if (how == "written") {
    own_words->written = 1'000'000'000'000;
  } else if (how == "read") {
    own_words->read = 1'000'000'000'000;
  } else if (how == "noise") {
    for (std::uint64_t i = 88172645463325252U;; i ^= i << 7U, i ^= i >> 9U) {
      std::memcpy(room + i % 4096, &i, sizeof i);
      own_words->written = i % 2 == 0 ? i % 65536 : i;
      own_words->read = i;
      own_words->bell = static_cast<std::uint32_t>(i);
      own_words->sleeping = static_cast<std::uint32_t>(i);
      futex_wake(own_words->bell);
    }
  } else if (how == "bell") {
    for (std::uint32_t i = 0;; ++i) {
      own_words->bell = i;
      futex_wake(own_words->bell);
    }
  }
  own_words->bell = 1;
  futex_wake(own_words->bell);
  while (true) pause();
}

TEST(HostileChild, NonsenseIsBadData) {
  for (const char* how : {"size", "written", "noise"}) {
    SCOPED_TRACE(how);
    Peer peer("wild");
    peer.send(how);
    bool bad = false;
    for (int i = 0; i < 1'000'000 && !bad; ++i) {
      ASSERT_EQ(wait_and_be_woken(peer.channel()), Wake::kMessage) << how;
      const auto message = peer.channel().next();
      bad = !message;
      EXPECT_TRUE(message || message.error().code == Code::kBadData) << how;
      peer.channel().release();
    }
    EXPECT_TRUE(bad) << how;
  }
}

TEST(HostileChild, APositionThatWasNeverWrittenIsBadData) {
  Peer peer("wild", 4096, 4096);
  peer.send("read");
  while (peer.channel().reserve(100) != nullptr) peer.channel().commit(100);
  ASSERT_EQ(wait_and_be_woken(peer.channel()), Wake::kMessage);
  const auto message = peer.channel().next();
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, Code::kBadData);
}

TEST(HostileChild, ABellWithoutEndEndsNoWaitEarlyAndNoneLate) {
  Peer peer("wild");
  peer.send("bell");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(peer.channel().wait(100ms), Wake::kTimeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
}

EDDY_CHILD(writes_request) {
  const auto request = channel.next();
  if (!request) return 1;
  // Whatever way it tries.
  const auto address = reinterpret_cast<std::uintptr_t>(request->data()) & ~std::uintptr_t{4095};
  std::string tried = error_name(mprotect(reinterpret_cast<void*>(address), 4096, PROT_READ | PROT_WRITE) != 0);
  for (int fd = 3; fd < 64; ++fd) {
    char target[64] = {};
    if (readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target - 1) <= 0) continue;
    if (std::strstr(target, "eddy-requests") == nullptr) continue;
    tried += " " + error_name(pwrite(fd, "x", 1, 0) != 1);
    tried += " " + error_name(mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    tried += " " + error_name(ftruncate(fd, 0) != 0);
  }
  say(channel, tried);
  const_cast<std::byte&>(*request->data()) = std::byte{0};  // SIGSEGV
  return 0;
}

TEST(HostileChild, CannotWriteItsRequests) {
  Peer peer("writes_request");
  peer.send("mine");
  EXPECT_EQ(peer.hear(), "EACCES EPERM EPERM EPERM");
  EXPECT_NE(peer.process().wait().code + peer.process().wait().signal, 0);
}

}  // namespace
}  // namespace eddy::host::testing
