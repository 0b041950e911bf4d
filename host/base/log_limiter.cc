// SPDX-License-Identifier: Apache-2.0
#include "base/log_limiter.h"

#include <utility>

namespace eddy::host {
namespace {

constexpr std::chrono::seconds kWindow{1};

}  // namespace

std::optional<std::uint64_t> LogLimiter::pass(std::string_view key, std::uint32_t burst, Time now) {
  if (windows_.size() >= kMaxKeys) make_room(now);
  Window& window = windows_.try_emplace(std::string(key), Window{now, 0, 0}).first->second;
  if (now - window.begin >= kWindow) {
    window.begin = now;
    window.lines = 0;
  }
  if (window.lines >= burst) {
    ++window.left_out;
    return std::nullopt;
  }
  ++window.lines;
  return std::exchange(window.left_out, 0);
}

// Keys come from plugins too, so their number has a limit: quiet ones go first, and if none is quiet, all go.
void LogLimiter::make_room(Time now) {
  std::erase_if(windows_,
                [now](const auto& entry) { return now - entry.second.begin >= kWindow && entry.second.left_out == 0; });
  if (windows_.size() >= kMaxKeys) windows_.clear();
}

}  // namespace eddy::host
