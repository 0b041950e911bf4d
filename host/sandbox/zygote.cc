// SPDX-License-Identifier: Apache-2.0
#include "sandbox/zygote.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/log.h"
#include "sandbox/landlock.h"
#include "sandbox/leftovers.h"
#include "sandbox/packet.h"
#include "sandbox/spawn_message.h"
#include "sandbox/system_error.h"

namespace eddy::host {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};  // for an answer

using Sockets = std::array<FileDescriptor, 2>;

Result<Sockets> make_sockets(int type) {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()) != 0) return cannot("zygote", "make a socket");
  return Sockets{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

// How the zygote starts: signals as a new program has them, in a process group of its own so that a terminal's
// interrupt is the host's alone, and the control socket the only thing that it is given.
class Launch {
 public:
  explicit Launch(int socket) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, socket, kZygoteSocket);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;
  ~Launch() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  int run(pid_t* pid) const {
    std::string name = "eddy";
    std::string argument = kZygoteArgument;
    std::string bind_now = "LD_BIND_NOW=1";  // symbols are looked up once, and not in every child anew
    const std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
    std::vector<char*> environment{bind_now.data()};
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) environment.push_back(*entry);
    environment.push_back(nullptr);
    return posix_spawn(pid, "/proc/self/exe", &actions_, &attributes_, arguments.data(), environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

void say_what_is_missing() {
  if (landlock_version() > 0) return;
  log(LogLevel::kWarn, "sandbox",
      "this kernel has no Landlock: sandboxed workers can open no files at all, sandbox.read_paths and "
      "sandbox.write_paths have no effect");
}

}  // namespace

Result<std::unique_ptr<Zygote>> Zygote::start() {
  if (!can_be_zygote())
    return Error{Code::kInternal, "zygote: this program's main() does not begin with zygote_main()"};
  static std::once_flag once;
  std::call_once(once, [] {
    collect_leftovers();
    say_what_is_missing();
  });
  std::unique_ptr<Zygote> zygote(new Zygote());
  EDDY_ASSIGN(zygote->reaper_, Reaper::start());
  const std::lock_guard lock(zygote->mutex_);
  EDDY_TRY(zygote->launch());
  return zygote;
}

Zygote::~Zygote() {
  {
    const std::lock_guard lock(mutex_);
    bury();
  }
  if (reaper_) reaper_->stop();  // the end of its thread is the parent death signal of all children
}

Result<void> Zygote::launch() {
  EDDY_ASSIGN(Sockets sockets, make_sockets(SOCK_SEQPACKET));
  setsockopt(sockets[0].get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  int error = ECANCELED;
  reaper_->run([&] { error = Launch(sockets[1].get()).run(&pid_); });
  if (error != 0) {
    pid_ = 0;
    return cannot("zygote", "start it", error);
  }
  socket_ = std::move(sockets[0]);
  return {};
}

// Killed before it can see the socket close, which would make it kill its children: another zygote goes on with them.
void Zygote::bury() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
  socket_ = FileDescriptor();
}

Result<Zygote::Born> Zygote::ask(std::string_view message, const std::vector<int>& fds) {
  EDDY_TRY(send_packet(socket_.get(), message, fds));
  EDDY_ASSIGN(Packet packet, receive_packet(socket_.get()));
  SpawnAnswer answer;
  if (packet.bytes.size() != sizeof answer) return cannot("zygote", "hear of it", ECONNRESET);
  std::memcpy(&answer, packet.bytes.data(), sizeof answer);
  if (answer.error != 0 || packet.fds.size() != 1) {
    return Error{Code::kRefused, std::string("zygote: it cannot make a process: ") + std::strerror(answer.error)};
  }
  return Born{.pid = answer.pid, .pidfd = std::move(packet.fds.front())};
}

Result<ChildProcess> Zygote::spawn(const SpawnRequest& request, std::function<void()> on_death) {
  EDDY_ASSIGN(Sockets lifeline, make_sockets(SOCK_STREAM));
  std::vector<int> fds{lifeline[1].get()};
  fds.insert(fds.end(), request.fds.begin(), request.fds.end());
  const std::string message =
      SpawnMessage{.role = request.role, .name = request.name, .payload = request.payload}.encode();
  const std::lock_guard lock(mutex_);
  if (pid_ == 0) EDDY_TRY(launch());
  auto born = ask(message, fds);
  if (!born && born.error().code == Code::kUnavailable) {
    log(LogLevel::kWarn, "sandbox", born.error().text + "; starting another");
    bury();
    EDDY_TRY(launch());
    born = ask(message, fds);
  }
  if (!born) return born.take_error();
  auto watch = reaper_->watch(born->pidfd.get(), std::move(on_death));
  ChildProcess child(reaper_, watch ? *watch : 0, born->pid, std::move(born->pidfd), std::move(lifeline[0]));
  if (!watch) return watch.take_error();
  return child;
}

pid_t Zygote::pid() const {
  const std::lock_guard lock(mutex_);
  return pid_;
}

}  // namespace eddy::host
