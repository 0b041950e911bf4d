// SPDX-License-Identifier: Apache-2.0
// The host's log: spdlog to stderr, as text or as JSON lines, repeated lines limited.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

struct LogOptions {
  std::string level = "info";  // debug, info, warn, error
  bool json = false;           // {"time":…,"level":…,"message":…,"function":…} a line
};

// Once, at start. Before that lines go to stderr as text.
void configure_log(const LogOptions& options);
// As configured; for processes that shall speak the same way.
LogOptions log_options();

// Thread-safe. `where` is the function, plugin or part that speaks; may be empty.
void log(LogLevel level, std::string_view where, std::string_view text);

// At most `burst` lines per second of one `key`; what was left out is counted and said with the next line that passes.
void log_limited(LogLevel level, std::string_view where, std::string_view key, std::string_view text,
                 std::uint32_t burst = 5);

}  // namespace eddy::host
