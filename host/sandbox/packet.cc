// SPDX-License-Identifier: Apache-2.0
#include "sandbox/packet.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sandbox/system_error.h"

namespace eddy::host {
namespace {

struct alignas(cmsghdr) ControlBuffer {
  std::array<char, CMSG_SPACE(kMostPacketFds * sizeof(int))> bytes{};
};

std::vector<FileDescriptor> take_fds(msghdr& message) {
  std::vector<FileDescriptor> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> fds) {
  if (bytes.size() > kMostPacketBytes || fds.size() > kMostPacketFds) {
    return Error{Code::kTooLarge, "cannot send " + std::to_string(bytes.size()) + " bytes and " +
                                      std::to_string(fds.size()) + " descriptors in one message"};
  }
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  ControlBuffer control;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return cannot("sandbox", "send");
  }
  return {};
}

Result<Packet> receive_packet(int socket) {
  Packet packet;
  packet.bytes.resize(kMostPacketBytes);
  iovec piece{packet.bytes.data(), packet.bytes.size()};
  ControlBuffer control;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  ssize_t size = 0;
  while ((size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == ECONNRESET) break;
    if (errno != EINTR) return cannot("sandbox", "receive");
  }
  packet.bytes.resize(static_cast<std::size_t>(size < 0 ? 0 : size));
  packet.fds = take_fds(message);
  return packet;
}

}  // namespace eddy::host
