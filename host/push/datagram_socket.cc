// SPDX-License-Identifier: Apache-2.0
#include "push/datagram_socket.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace eddy::host::push {
namespace {

// A queue of ten datagrams is what a socket in the file system has by default.
constexpr int kRoomPatienceMs = 200;
constexpr int kType = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

Error failed(const std::string& where, int cause) { return {Code::kUnavailable, where + ": " + std::strerror(cause)}; }

}  // namespace

Result<void> DatagramSocket::connect_path() {
  FileDescriptor socket(::socket(AF_UNIX, kType, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::copy_n(address_.path.data(), std::min(address_.path.size(), sizeof(at.sun_path) - 1), at.sun_path);
  if (!socket.valid() || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) {
    return failed("unix://" + address_.path, errno);
  }
  socket_ = std::move(socket);
  return {};
}

Result<void> DatagramSocket::connect_host() {
  const std::string where = "udp://" + address_.host + ":" + address_.port;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found); error != 0) {
    return Error{Code::kUnavailable, where + ": " + gai_strerror(error)};
  }
  int cause = EADDRNOTAVAIL;
  for (const addrinfo* one = found; one != nullptr && !socket_.valid(); one = one->ai_next) {
    FileDescriptor socket(::socket(one->ai_family, kType, 0));
    if (socket.valid() && ::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0) {
      socket_ = std::move(socket);
    } else {
      cause = errno;
    }
  }
  freeaddrinfo(found);
  if (!socket_.valid()) return failed(where, cause);
  return {};
}

Result<void> DatagramSocket::connect() { return address_.path.empty() ? connect_host() : connect_path(); }

Result<void> DatagramSocket::send(std::string_view bytes) {
  if (!socket_.valid()) {
    if (const auto connected = connect(); !connected) return connected;
  }
  const auto sent = [&] { return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0; };
  if (sent()) return {};
  int cause = errno;
  if (cause == EAGAIN) {
    pollfd room{socket_.get(), POLLOUT, 0};
    if (::poll(&room, 1, kRoomPatienceMs) > 0 && sent()) return {};
    cause = errno;
  }
  // An agent that was started again has another socket under the same path, or another address under its name.
  if (cause != EAGAIN && cause != ENOBUFS) socket_ = FileDescriptor();
  return failed(address_.path.empty() ? "udp://" + address_.host + ":" + address_.port : "unix://" + address_.path,
                cause);
}

}  // namespace eddy::host::push
