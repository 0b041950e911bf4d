// SPDX-License-Identifier: Apache-2.0
#include "sandbox/spawn_message.h"

#include <cstring>

namespace eddy::host {
namespace {

struct Head {
  std::uint32_t role;
  std::uint32_t name_size;
  std::uint32_t log_level_size;
  std::uint32_t log_json;
  std::uint64_t payload_size;
};

}  // namespace

std::string SpawnMessage::encode() const {
  const Head head{.role = static_cast<std::uint32_t>(role),
                  .name_size = static_cast<std::uint32_t>(name.size()),
                  .log_level_size = static_cast<std::uint32_t>(log.level.size()),
                  .log_json = log.json ? 1U : 0U,
                  .payload_size = payload.size()};
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  return bytes.append(name).append(log.level).append(payload);
}

std::optional<SpawnMessage> SpawnMessage::decode(std::string_view bytes) {
  Head head{};
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (bytes.size() != sizeof head + head.name_size + head.log_level_size + head.payload_size) return std::nullopt;
  SpawnMessage message;
  message.role = static_cast<ChildRole>(head.role);
  message.name = bytes.substr(sizeof head, head.name_size);
  message.log = {.level = std::string(bytes.substr(sizeof head + head.name_size, head.log_level_size)),
                 .json = head.log_json != 0};
  message.payload = bytes.substr(sizeof head + head.name_size + head.log_level_size);
  return message;
}

}  // namespace eddy::host
