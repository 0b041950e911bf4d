// SPDX-License-Identifier: Apache-2.0
// Children of these tests: this program is its own zygote, and a child runs the body that its payload names.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/channel.h"
#include "sandbox/child_channel.h"
#include "sandbox/zygote.h"

namespace eddy::host::testing {

using ChildBody = int (*)(ChildChannel& channel);
bool add_child(const std::string& name, ChildBody body);

// EDDY_CHILD(echo) { …; return 0; } with `channel` to talk to the test.
#define EDDY_CHILD(name)                                               \
  int child_##name(ChildChannel& channel);                             \
  const bool child_##name##_is_known = add_child(#name, child_##name); \
  int child_##name(ChildChannel& channel)

// Runs in place of the tests when the program is called so, as a host of its own: see main.cc.
using HostBody = int (*)();
bool add_host(const std::string& name, HostBody body);

constexpr std::chrono::seconds kPatience{120};

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// In the child.
void say(ChildChannel& channel, std::string_view text);
// "", or the name of an errno.
std::string error_name(bool failed);

// In the test: a child, and the channel to it.
class Peer {
 public:
  explicit Peer(const std::string& body, std::size_t request_bytes = 65536, std::size_t response_bytes = 65536);

  Channel& channel() { return *channel_; }
  ChildProcess& process() { return process_; }
  void send(std::string_view text);
  std::string hear();  // the next response; a failed test when there is none in time

 private:
  std::unique_ptr<Channel> channel_;
  ChildProcess process_;  // before the channel that its death interrupts
};

Zygote& zygote();  // of all tests of one process

}  // namespace eddy::host::testing
