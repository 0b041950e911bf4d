// SPDX-License-Identifier: Apache-2.0
// What the host asks of its zygote, and what that answers. Both are of the same build.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "sandbox/child_role.h"

namespace eddy::host {

// With the lifeline's child end, then the child's own descriptors.
struct SpawnMessage {
  ChildRole role = ChildRole::kWorker;
  std::string name{};
  std::string payload{};
  LogOptions log = log_options();  // the child speaks as the host does

  std::string encode() const;
  static std::optional<SpawnMessage> decode(std::string_view bytes);
};

// With the pidfd, when there is a child.
struct SpawnAnswer {
  std::int32_t error = 0;  // errno
  std::int32_t pid = 0;
};

// The control socket's number in the zygote, and the argument that makes a process one.
inline constexpr int kZygoteSocket = 3;
inline constexpr const char* kZygoteArgument = "--zygote";

}  // namespace eddy::host
