// SPDX-License-Identifier: Apache-2.0
// What would keep a configuration from running well on a Kafka cluster. Looks, and changes nothing there.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "stream/kafka/kafka.h"
#include "stream/transport.h"

namespace eddy::host {

enum class Severity : std::uint8_t { kWarning, kError };

struct KafkaFinding {
  std::string what;
  std::string fix;  // a command, or what to change; may be empty
  Severity severity = Severity::kError;
  Code code = Code::kConfig;  // kUnavailable: nothing answers
};

// A stream as a host would use it.
struct KafkaStreamUse {
  enum class Kind : std::uint8_t { kStream, kQueue, kRetry };
  StreamSpec spec;
  Kind kind = Kind::kStream;
  bool read = false;
  bool written = false;
};

// A function as a host would run it; streams by name, without the prefix.
struct KafkaFunctionUse {
  std::string function;
  std::vector<std::string> groups;  // without the prefix
  std::string source;
  std::vector<std::string> destinations;
  std::string queue;
  bool exactly_once = true;
  std::chrono::milliseconds longest_pause{0};  // between two attempts
};

struct KafkaUse {
  std::vector<KafkaStreamUse> streams;
  std::vector<KafkaFunctionUse> functions;
};

// All findings; none: the cluster suits. Never fails: what cannot be looked at is a finding too.
std::vector<KafkaFinding> check_kafka(const KafkaOptions& options, const KafkaUse& use);

}  // namespace eddy::host
