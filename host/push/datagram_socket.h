// SPDX-License-Identifier: Apache-2.0
// A socket for datagrams to somebody who may be slow, or not there.
#pragma once

#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "settings/push_address.h"

namespace eddy::host::push {

// Not thread-safe.
class DatagramSocket {
 public:
  explicit DatagramSocket(PushAddress address) : address_(std::move(address)) {}

  // Waits for room for a moment at most. kUnavailable: nobody is there, or is too slow to take it; the next one may go.
  // Connects first when it is not connected, which may ask for a host's address.
  Result<void> send(std::string_view bytes);

  // Largest datagram that is worth sending there: below an Ethernet frame by UDP, as Datadog's clients do it.
  std::size_t most_bytes() const { return address_.path.empty() ? 1432 : 8192; }

 private:
  Result<void> connect();
  Result<void> connect_path();
  Result<void> connect_host();

  const PushAddress address_;
  FileDescriptor socket_;
};

}  // namespace eddy::host::push
