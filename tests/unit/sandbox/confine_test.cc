// SPDX-License-Identifier: Apache-2.0
#include "sandbox/confine.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <spawn.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "base/sanitizers.h"
#include "base/temporary_folder.h"
#include "unit/sandbox/support.h"

namespace eddy::host::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

// Confined, or the reason why not goes to the test.
bool confined(ChildChannel& channel, const Confinement& confinement) {
  const auto result = confine(confinement);
  if (!result) say(channel, result.error().text);
  return result.ok();
}

std::string try_open(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags, 0600);
  const std::string name = error_name(fd < 0);
  if (fd >= 0) close(fd);
  return name;
}

std::string try_spawn() {
  pid_t pid = 0;
  const std::string name = "true";
  char* const arguments[] = {const_cast<char*>(name.c_str()), nullptr};
  errno = posix_spawn(&pid, "/bin/true", nullptr, nullptr, arguments, nullptr);
  return error_name(errno != 0);
}

EDDY_CHILD(refused) {
  if (!confined(channel, {})) return 1;
  std::string tried = "open:" + try_open("/etc/passwd", O_RDONLY);
  tried += " write:" + try_open("/tmp/eddy_sandbox_test", O_WRONLY | O_CREAT);
  tried += " socket:" + error_name(socket(AF_INET, SOCK_STREAM, 0) < 0);
  tried += " fork:" + error_name(syscall(SYS_fork) < 0);
  tried += " vfork:" + error_name(syscall(SYS_clone, CLONE_VM | SIGCHLD, nullptr, nullptr, nullptr, nullptr) < 0);
  tried += " spawn:" + try_spawn();
  tried += " exec:" + error_name(execl("/bin/true", "true", nullptr) != 0);
  tried += " kill:" + error_name(kill(getppid(), 0) != 0);
  tried += " group:" + error_name(kill(-1, 0) != 0);
  tried += " ptrace:" + error_name(ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) != 0);
  tried += " owner:" + error_name(fcntl(2, F_SETOWN, getppid()) != 0);
  tried += " memfd:" + error_name(syscall(SYS_memfd_create, "x", 0) < 0);
  tried += " death:" + error_name(syscall(SYS_prctl, 1, 0, 0, 0, 0) != 0);
  say(channel, tried);
  return 0;
}

TEST(Sandbox, RefusesWhatReachesBeyondTheProcess) {
  Peer peer("refused");
  EXPECT_EQ(peer.hear(),
            "open:EPERM write:EPERM socket:EPERM fork:EPERM vfork:EPERM spawn:EPERM exec:EPERM kill:EPERM group:EPERM "
            "ptrace:EPERM owner:EPERM memfd:EPERM death:EPERM");
  EXPECT_EQ(describe(peer.process().wait()), "exited with status 0");
}

EDDY_CHILD(ordinary) {
  if (!confined(channel, {.memory_bytes = 1U << 30U, .cpu_seconds = 60})) return 1;
  std::string said;
  std::vector<std::thread> threads;
  std::atomic<int> ran{0};
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { ++ran; });
  for (std::thread& thread : threads) thread.join();
  said += "threads:" + std::to_string(ran);
  const std::vector<char> memory(64U << 20U, 'x');
  said += " memory:" + std::to_string(memory.size() >> 20U);
  try {
    throw std::runtime_error("thrown");
  } catch (const std::exception& error) {
    said += std::string(" ") + error.what();
  }
  static bool handled = false;
  signal(SIGUSR1, [](int) { handled = true; });
  raise(SIGUSR1);
  said += handled ? " signal" : " no signal";
  pthread_kill(pthread_self(), SIGUSR1);
  timespec now{};
  said += clock_gettime(CLOCK_REALTIME, &now) == 0 ? " time" : " no time";
  say(channel, said);
  while (true) {
    const auto message = channel.next();
    if (!message || message->empty()) return 0;
    say(channel, text_of(*message));
    channel.release();
  }
}

TEST(Sandbox, LetsOrdinaryCodeRun) {
  Peer peer("ordinary");
  EXPECT_EQ(peer.hear(), "threads:4 memory:64 thrown signal time");
  for (int i = 0; i < 100; ++i) {
    peer.send("more");
    EXPECT_EQ(peer.hear(), "more");
  }
}

EDDY_CHILD(aborts) {
  if (!confined(channel, {})) return 1;
  std::abort();
}

TEST(Sandbox, AFaultStillHasItsName) {
  Peer peer("aborts");
  EXPECT_EQ(describe(peer.process().wait()), "was killed by signal SIGABRT");
}

EDDY_CHILD(eats_memory) {
  if (!confined(channel, {.memory_bytes = 64U << 20U})) return 1;
  std::vector<std::unique_ptr<char[]>> eaten;
  try {
    while (eaten.size() < 4096) eaten.push_back(std::make_unique<char[]>(1U << 20U));
  } catch (const std::bad_alloc&) {
    const std::size_t got = eaten.size();
    eaten.clear();
    say(channel, got > 32 && got <= 64 ? "bad_alloc in time" : "bad_alloc after " + std::to_string(got));
    return 0;
  }
  say(channel, "no limit");
  return 0;
}

TEST(Sandbox, LimitsMemory) {
  if (kAddressSanitizer || kThreadSanitizer) GTEST_SKIP() << "its shadow memory needs terabytes of address space";
  Peer peer("eats_memory");
  EXPECT_EQ(peer.hear(), "bad_alloc in time");
}

EDDY_CHILD(spins) {
  if (!confined(channel, {.cpu_seconds = 1})) return 1;
  while (true) continue;
}

TEST(Sandbox, LimitsProcessorTime) {
  Peer peer("spins");
  EXPECT_EQ(describe(peer.process().wait()), "has used up its processor time (SIGXCPU)");
}

EDDY_CHILD(eats_descriptors) {
  if (!confined(channel, {.open_files = 32})) return 1;
  int count = 0;
  while (count < 1000 && dup(2) >= 0) ++count;
  say(channel, count < 32 ? error_name(true) : "no limit");
  return 0;
}

TEST(Sandbox, LimitsOpenFiles) {
  Peer peer("eats_descriptors");
  EXPECT_EQ(peer.hear(), "EMFILE");
}

EDDY_CHILD(closes_all) {
  if (!confined(channel, {})) return 1;
  close_range(3, ~0U, 0);
  while (true) {
    const auto message = channel.next();
    if (!message || message->empty()) return 0;
    say(channel, text_of(*message));
    channel.release();
  }
}

TEST(Sandbox, AChildThatClosesAllItsDescriptorsHurtsNobody) {
  Peer peer("closes_all");
  Peer other("closes_all");
  for (int i = 0; i < 100; ++i) {
    peer.send("here");
    EXPECT_EQ(peer.hear(), "here");
  }
  peer.process().kill();
  peer.process().wait();
  other.send("still here");
  EXPECT_EQ(other.hear(), "still here");
}

EDDY_CHILD(forgets) {
  const char* const secret = getenv("EDDY_TEST_SECRET");
  std::string said = secret != nullptr ? secret : "none";
  if (!confined(channel, {})) return 1;
  said += getenv("EDDY_TEST_SECRET") == nullptr ? " cleared" : " kept";
  said += secret != nullptr && *secret == '\0' ? " zeroed" : " still in memory";
  say(channel, said);
  return 0;
}

TEST(Sandbox, ForgetsTheEnvironment) {
  setenv("EDDY_TEST_SECRET", "hunter2", 1);
  auto started = Zygote::start();
  unsetenv("EDDY_TEST_SECRET");
  ASSERT_TRUE(started);
  auto channel = Channel::create(4096, 4096);
  ASSERT_TRUE(channel);
  const auto fds = (*channel)->fds();
  auto child = (*started)->spawn({.payload = "forgets", .fds = {fds[0], fds[1]}}, [] {});
  ASSERT_TRUE(child);
  ASSERT_EQ((*channel)->wait(kPatience), Channel::Wake::kMessage);
  EXPECT_EQ(text_of(*(*channel)->next()), "hunter2 cleared zeroed");
}

EDDY_CHILD(uses_paths) {
  const auto request = channel.next();
  const std::string folder(text_of(*request));
  if (!confined(channel, {.read_paths = {folder + "/in"}, .write_paths = {folder + "/out"}})) return 1;
  std::string tried = "read:" + try_open(folder + "/in/file", O_RDONLY);
  tried += " write:" + try_open(folder + "/in/file", O_WRONLY);
  tried += " create:" + try_open(folder + "/out/file", O_WRONLY | O_CREAT);
  tried += " beside:" + try_open(folder + "/file", O_RDONLY);
  tried += " dots:" + try_open(folder + "/in/../file", O_RDONLY);
  tried += " memory:" + try_open("/proc/" + std::to_string(getppid()) + "/mem", O_RDWR);
  say(channel, tried);
  return 0;
}

TEST(Sandbox, OpensWhatItIsGiven) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  for (const char* name : {"/in", "/out"}) std::filesystem::create_directory(folder->path() + name);
  for (const char* name : {"/in/file", "/file"}) std::ofstream(folder->path() + name) << "x";
  Peer peer("uses_paths");
  peer.send(folder->path());
  EXPECT_THAT(peer.hear(), AnyOf("read: write:EACCES create: beside:EACCES dots:EACCES memory:EACCES",
                                 // without Landlock none
                                 "read:EPERM write:EPERM create:EPERM beside:EPERM dots:EPERM memory:EPERM"));
}

EDDY_CHILD(uses_network) {
  if (!confined(channel, {.network = true})) return 1;
  std::string tried = "socket:" + error_name(socket(AF_INET, SOCK_STREAM, 0) < 0);
  tried += " passwd:" + try_open("/etc/passwd", O_RDONLY);
  tried += " fork:" + error_name(syscall(SYS_fork) < 0);
  say(channel, tried);
  return 0;
}

TEST(Sandbox, MayHaveANetwork) {
  Peer peer("uses_network");
  EXPECT_THAT(peer.hear(), AnyOf("socket: passwd:EACCES fork:EPERM", "socket: passwd:EPERM fork:EPERM"));
}

EDDY_CHILD(contained) {
  if (!confined(channel, {.sandboxed = false, .open_files = 0})) return 1;
  say(channel,
      "open:" + try_open("/etc/passwd", O_RDONLY) + " socket:" + error_name(socket(AF_INET, SOCK_STREAM, 0) < 0));
  return 0;
}

TEST(Contained, MayDoWhatTheHostMay) {
  Peer peer("contained");
  EXPECT_EQ(peer.hear(), "open: socket:");
}

EDDY_CHILD(wrong_path) {
  confined(channel, {.read_paths = {"/nowhere/at/all"}});
  return 0;
}

TEST(Sandbox, NamesAPathThatIsNotThere) {
  Peer peer("wrong_path");
  EXPECT_THAT(peer.hear(), HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace eddy::host::testing
