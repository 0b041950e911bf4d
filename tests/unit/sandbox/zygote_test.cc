// SPDX-License-Identifier: Apache-2.0
#include "sandbox/zygote.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "unit/sandbox/support.h"

namespace eddy::host::testing {
namespace {

using namespace std::chrono_literals;

EDDY_CHILD(exits) {
  const auto request = channel.next();
  return request && !request->empty() ? std::atoi(std::string(text_of(*request)).c_str()) : 1;
}

EDDY_CHILD(waits) {
  say(channel, "here");
  while (true) pause();
}

TEST(Zygote, AChildExitsWithWhatItsMainReturns) {
  Peer peer("exits");
  EXPECT_TRUE(peer.process().alive());
  EXPECT_EQ(peer.process().wait_for(0ms), std::nullopt);
  peer.send("42");
  EXPECT_EQ(describe(peer.process().wait()), "exited with status 42");
  EXPECT_FALSE(peer.process().alive());
  EXPECT_EQ(peer.process().wait().code, 42);
}

TEST(Zygote, TheHostHearsOfAKilledChild) {
  Peer peer("waits");
  EXPECT_EQ(peer.hear(), "here");
  kill(peer.process().pid(), SIGKILL);
  EXPECT_EQ(peer.channel().wait(kPatience), Channel::Wake::kInterrupted);
  EXPECT_EQ(describe(peer.process().wait()), "was killed by signal SIGKILL");
}

TEST(Zygote, DeathIsToldOnceAndNotAfterTheObjectIsGone) {
  std::atomic<int> deaths{0};
  std::mutex mutex;
  std::condition_variable told;
  {
    auto channel = Channel::create(4096, 4096);
    const auto fds = (*channel)->fds();
    auto child = zygote().spawn({.payload = "waits", .fds = {fds[0], fds[1]}}, [&] {
      const std::lock_guard lock(mutex);
      ++deaths;
      told.notify_all();
    });
    ASSERT_TRUE(child);
    child->kill();
    std::unique_lock lock(mutex);
    told.wait(lock, [&] { return deaths == 1; });
  }
  {
    auto channel = Channel::create(4096, 4096);
    const auto fds = (*channel)->fds();
    auto child = zygote().spawn({.payload = "waits", .fds = {fds[0], fds[1]}}, [&] { ++deaths; });
    ASSERT_TRUE(child);
  }
  Peer barrier("exits");
  barrier.send("0");
  EXPECT_EQ(barrier.channel().wait(kPatience), Channel::Wake::kInterrupted);
  EXPECT_EQ(deaths, 1);
}

EDDY_CHILD(tells_of_itself) {
  std::ostringstream said;
  said << "parent:" << getppid() << " group:" << (getpgrp() == getpid() ? "own" : "other");
  said << " tid:" << (pthread_kill(pthread_self(), 0) == 0 ? "right" : "wrong") << " umask:" << umask(0);
  int own = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    own += std::stoi(entry.path().filename()) > 2 ? 1 : 0;
  }
  // Its lifeline, its two rings, and the directory that is being read.
  said << " descriptors:" << own << " input:" << std::filesystem::read_symlink("/proc/self/fd/0").string();
  struct stat out {};
  struct stat error {};
  fstat(1, &out);
  fstat(2, &error);
  said << " output:" << (out.st_ino == error.st_ino ? "error" : "other");
  say(channel, said.str());
  return 0;
}

TEST(Zygote, AChildHasNothingOfTheHost) {
  const int leak = open("/dev/zero", O_RDONLY);  // inherited by whoever does not look after it
  ASSERT_EQ(fcntl(leak, F_SETFD, 0), 0);
  zygote().pid();
  Peer peer("tells_of_itself");
  EXPECT_EQ(peer.hear(), "parent:" + std::to_string(getpid()) +
                             " group:own tid:right umask:63 descriptors:4 input:/dev/null output:error");
  close(leak);
}

TEST(Zygote, AKilledZygoteIsStartedAgainAndItsChildrenLiveOn) {
  Peer before("waits");
  EXPECT_EQ(before.hear(), "here");
  const pid_t first = zygote().pid();
  kill(first, SIGKILL);
  Peer after("waits");
  EXPECT_EQ(after.hear(), "here");
  EXPECT_NE(zygote().pid(), first);
  EXPECT_TRUE(before.process().alive());
  before.process().kill();
  EXPECT_EQ(describe(before.process().wait()), "was killed by signal SIGKILL");
}

TEST(Zygote, AServiceThatIsStoppedStopsTheHostAlone) {
  Peer peer("exits");
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    ASSERT_EQ(kill(peer.process().pid(), signal), 0);
    ASSERT_EQ(kill(zygote().pid(), signal), 0);
  }
  peer.send("5");
  EXPECT_EQ(describe(peer.process().wait()), "exited with status 5");
  Peer after("exits");
  after.send("6");
  EXPECT_EQ(describe(after.process().wait()), "exited with status 6");
}

std::size_t descriptors_of(const std::string& process) {
  const std::filesystem::directory_iterator all("/proc/" + process + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(Zygote, NeitherSideKeepsADescriptorOfAChildThatIsGone) {
  const auto both = [] {
    Peer last("exits");  // the zygote has seen all deaths before it, and maybe its own
    last.send("0");
    last.process().wait();
    return std::make_pair(descriptors_of("self"), descriptors_of(std::to_string(zygote().pid())));
  };
  const auto before = both();
  for (int i = 0; i < 50; ++i) {
    Peer peer("exits");
    peer.send("0");
    if (i % 2 == 0) peer.process().wait();
  }
  const auto after = both();
  EXPECT_EQ(after.first, before.first);
  EXPECT_NEAR(static_cast<double>(after.second), static_cast<double>(before.second), 1.0);
}

EDDY_CHILD(has_a_child) {
  const pid_t pid = fork();
  while (pid == 0) pause();
  say(channel, std::to_string(pid));
  while (true) pause();
}

// Ends once `process` has.
bool has_ended(pid_t process) {
  const FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (!pidfd.valid()) return errno == ESRCH;
  pollfd wanted{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1;
}

TEST(Zygote, WhatAChildHasStartedDiesWithIt) {
  pid_t grandchild = 0;
  {
    Peer peer("has_a_child");
    grandchild = std::stoi(peer.hear());
    EXPECT_EQ(kill(grandchild, 0), 0);
  }
  EXPECT_TRUE(has_ended(grandchild));
}

TEST(Zygote, ManyThreadsMakeChildrenAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 10; ++j) {
        Peer peer("exits");
        peer.send(std::to_string(i * 10 + j));
        EXPECT_EQ(peer.process().wait().code, i * 10 + j);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Zygote, AThreadThatEndsDoesNotTakeItsChildWithIt) {
  ChildProcess child;
  std::unique_ptr<Channel> channel = *Channel::create(4096, 4096);
  std::thread([&] {
    const auto fds = channel->fds();
    child = *zygote().spawn({.payload = "exits", .fds = {fds[0], fds[1]}}, [] {});
  }).join();
  std::byte* const room = channel->reserve(1);
  *room = std::byte{'7'};
  channel->commit(1);
  channel->publish();
  EXPECT_EQ(describe(child.wait()), "exited with status 7");
}

TEST(Zygote, TooMuchIsRefusedAndTheNextIsMade) {
  EXPECT_EQ(zygote().spawn({.payload = std::string(200'000, 'x')}, [] {}).error().code, Code::kTooLarge);
  Peer peer("waits");
  EXPECT_EQ(peer.hear(), "here");
}

// --- hosts that end: this program again, with one child or two, whose numbers it writes to standard output

EDDY_CHILD(drops_its_lifeline) {
  close_range(3, ~0U, 0);
  prctl(PR_SET_PDEATHSIG, 0);
  say(channel, "here");
  while (true) pause();
}

int host_with(const std::string& child, bool kills_zygote, void (*end)()) {
  Peer peer(child);
  if (peer.hear() != "here") return 1;
  const pid_t zygote_pid = zygote().pid();
  if (kills_zygote) kill(zygote_pid, SIGKILL);
  std::printf("%d %d\n", peer.process().pid(), zygote_pid);
  std::fflush(stdout);
  end();
  return 1;
}

// As guard's restart_self(): the same process, another program, no descriptor kept.
void execute_anew() {
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  execl("/bin/cat", "cat", nullptr);
}
void die() { raise(SIGKILL); }
void leave() { _exit(0); }

const bool hosts_are_known[] = {
    add_host("executes", [] { return host_with("waits", false, execute_anew); }),
    add_host("executes_after_drop", [] { return host_with("drops_its_lifeline", false, execute_anew); }),
    add_host("executes_without_zygote", [] { return host_with("waits", true, execute_anew); }),
    add_host("dies", [] { return host_with("waits", false, die); }),
    add_host("leaves", [] { return host_with("waits", true, leave); }),
};

class HostThatEnds : public ::testing::TestWithParam<const char*> {};

TEST_P(HostThatEnds, TakesItsChildrenWithIt) {
  std::array<int, 2> output{};
  std::array<int, 2> input{};
  ASSERT_EQ(pipe2(output.data(), O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(input.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::string how = GetParam();
  std::string name = "host";
  char* const arguments[] = {name.data(), how.data(), nullptr};
  pid_t host = 0;
  ASSERT_EQ(posix_spawn(&host, "/proc/self/exe", &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  close(input[0]);
  std::array<char, 64> line{};
  ASSERT_GT(read(output[0], line.data(), line.size() - 1), 0);
  pid_t child = 0;
  pid_t zygote_pid = 0;
  ASSERT_EQ(std::sscanf(line.data(), "%d %d", &child, &zygote_pid), 2);
  EXPECT_TRUE(has_ended(child));
  EXPECT_TRUE(has_ended(zygote_pid));
  close(input[1]);  // cat ends
  close(output[0]);
  waitpid(host, nullptr, 0);
}

INSTANTIATE_TEST_SUITE_P(Hosts, HostThatEnds,
                         ::testing::Values("executes", "executes_after_drop", "executes_without_zygote", "dies",
                                           "leaves"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace eddy::host::testing
