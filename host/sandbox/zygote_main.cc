// SPDX-License-Identifier: Apache-2.0
#include "sandbox/zygote_main.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/hash.h"
#include "base/log.h"
#include "sandbox/child_setup.h"
#include "sandbox/clone_sibling.h"
#include "sandbox/packet.h"
#include "sandbox/seccomp_filter.h"
#include "sandbox/spawn_message.h"

namespace eddy::host {
namespace {

bool is_packet_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

class Server {
 public:
  Server(int socket, ChildMain child_main) : socket_(socket), child_main_(child_main), host_(getppid()) {}

  // Until the host closes its end, by its own will or by its death. Then no child may be left, whatever it has done
  // to its own lifeline.
  int serve() {
    while (wait()) {
      auto packet = receive_packet(socket_);
      if (!packet || packet->bytes.empty()) break;
      answer(std::move(*packet));
    }
    for (const FileDescriptor& child : children_) {
      syscall(SYS_pidfd_send_signal, child.get(), SIGKILL, nullptr, 0);
    }
    return 0;
  }

 private:
  // True when the host says something. Forgets children that have ended.
  bool wait() {
    while (true) {
      std::vector<pollfd> wanted{{.fd = socket_, .events = POLLIN, .revents = 0}};
      for (const auto& child : children_) wanted.push_back({.fd = child.get(), .events = POLLIN, .revents = 0});
      if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return false;
      std::size_t at = 0;
      std::erase_if(children_, [&](const FileDescriptor&) { return wanted[++at].revents != 0; });
      if (wanted[0].revents != 0) return true;
    }
  }

  void answer(Packet packet) {
    const auto message = SpawnMessage::decode(packet.bytes);
    SpawnAnswer answer{.error = EINVAL};
    FileDescriptor pidfd;
    if (message && !packet.fds.empty()) {
      int fd = -1;
      const pid_t child = clone_sibling(&fd);
      if (child == 0) run(*message, packet.fds);
      answer = child > 0 ? SpawnAnswer{.pid = child} : SpawnAnswer{.error = errno};
      if (child > 0) pidfd = FileDescriptor(fd);
    }
    packet.fds.clear();  // whoever has the answer may rely on the child alone having them
    const int fd = pidfd.get();
    const std::string_view bytes(reinterpret_cast<const char*>(&answer), sizeof answer);
    // A host that is gone is noticed by the next receive.
    (void)send_packet(socket_, bytes, {&fd, pidfd.valid() ? 1U : 0U}).ok();
    if (pidfd.valid()) children_.push_back(std::move(pidfd));
  }

  [[noreturn]] void run(const SpawnMessage& message, const std::vector<FileDescriptor>& fds) {
    close(socket_);
    children_.clear();
    set_up_child(host_, fds.front().get(), message.name);
    configure_log(message.log);
    std::vector<int> own;
    for (std::size_t i = 1; i < fds.size(); ++i) own.push_back(fds[i].get());
    int code = 70;
    try {
      code = child_main_(message.role, message.payload, own);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "eddy: a child ends by an exception: %s\n", error.what());
    }
    std::fflush(nullptr);
    end_process(code);
  }

  const int socket_;
  const ChildMain child_main_;
  const pid_t host_;
  std::vector<FileDescriptor> children_;  // pidfds
};

bool was_called = false;

}  // namespace

bool can_be_zygote() { return was_called; }

std::optional<int> zygote_main(int argc, char** argv, ChildMain child_main) {
  was_called = true;
  if (argc != 2 || std::string_view(argv[1]) != kZygoteArgument || !is_packet_socket(kZygoteSocket)) {
    return std::nullopt;
  }
  syscall(SYS_close_range, static_cast<unsigned>(kZygoteSocket) + 1, ~0U, 0);
  prctl(PR_SET_NAME, "eddy:zygote");
  // Whoever asks all processes of a service to end asks the host, which still needs these to end in order.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, SIG_IGN);
  prepare_seccomp_filters();
  static_cast<void>(
      sha256(""));  // OpenSSL sets itself up for a millisecond: once, and not in every child that needs a digest
  return Server(kZygoteSocket, child_main).serve();
}

}  // namespace eddy::host
