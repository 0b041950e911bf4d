// SPDX-License-Identifier: Apache-2.0
// What the configuration says about those who are sent the metrics.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace eddy::host {

struct DogStatsdSettings {
  std::string address;  // "udp://host:port" or "unix:///path"; empty: off
  std::uint32_t interval_ms = 10'000;
  std::string prefix = "eddy.";
  std::vector<std::string> tags;  // "name:value", on every metric
  bool operator==(const DogStatsdSettings&) const = default;
};

struct EmfSettings {
  std::string file;  // a path, or "stdout"; empty: off
  std::uint32_t interval_ms = 60'000;
  std::string name_space = "Eddy";
  std::map<std::string, std::string> dimensions;  // on every metric
  bool operator==(const EmfSettings&) const = default;
};

struct PushSettings {
  DogStatsdSettings dogstatsd;
  EmfSettings emf;
  bool operator==(const PushSettings&) const = default;
};

}  // namespace eddy::host
