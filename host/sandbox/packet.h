// SPDX-License-Identifier: Apache-2.0
// One message over a SOCK_SEQPACKET socket, with file descriptors.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

struct Packet {
  std::string bytes;  // empty: the other side has closed
  std::vector<FileDescriptor> fds;
};

inline constexpr std::size_t kMostPacketBytes = 128 * 1024;
inline constexpr std::size_t kMostPacketFds = 16;

Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> fds);
// kUnavailable also when the socket's receive time-out has passed.
Result<Packet> receive_packet(int socket);

}  // namespace eddy::host
