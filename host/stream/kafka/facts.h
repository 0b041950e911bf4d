// SPDX-License-Identifier: Apache-2.0
// A cluster as it describes itself, for those who judge it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/kafka/cluster.h"

namespace eddy::host::kafka {

// Settings by name, as the cluster says them. Empty: they may not be read.
using Configs = std::map<std::string, std::string, std::less<>>;

std::optional<std::int64_t> number_of(const Configs& configs, std::string_view name);
std::string_view text_of(const Configs& configs, std::string_view name);  // empty: not known

struct TopicFacts {
  enum class State : std::uint8_t { kThere, kMissing, kHidden };  // hidden: it may not be described
  std::string topic;
  State state = State::kMissing;
  std::uint32_t partitions = 0;
  std::uint32_t replicas = 0;
  Configs configs;
};

struct ClusterFacts {
  std::size_t brokers = 0;
  bool secured = false;  // it decides who may do what
  Configs broker;        // of one of them
  std::vector<TopicFacts> topics;
};

// The topics in the order of the names.
Result<ClusterFacts> look(Cluster& cluster, std::span<const std::string> topics);

}  // namespace eddy::host::kafka
