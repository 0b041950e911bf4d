// SPDX-License-Identifier: Apache-2.0
// What the configuration says about those who are told of new causes and of rates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eddy::host {

struct WebhookSettings {
  std::string name;  // the key it stands under
  std::string url;   // http:// or https://
  std::string secret;
  std::string ca_file;                               // PEM; empty: what the machine trusts
  std::vector<std::string> on{"new_group", "rate"};  // what it is told
  std::vector<std::string> queues{"*"};              // globs
  double rate_factor = 3.0;                          // over what is usual
  std::uint32_t rate_min_per_minute = 10;            // and at least so many
  std::uint32_t window_ms = 60'000;                  // over which a rate is counted
  std::uint32_t repeat_after_ms = 3'600'000;         // the same is not told again before
  std::uint32_t max_per_minute = 30;
  std::uint32_t max_attempts = 6;
  std::uint32_t timeout_ms = 10'000;
  bool operator==(const WebhookSettings&) const = default;
};

}  // namespace eddy::host
