// SPDX-License-Identifier: Apache-2.0
// What happened to a plugin lately, for those who ask the host.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "plugin/manifest.h"

namespace eddy::host {

struct PluginEvent {
  std::int64_t at_us = 0;
  std::string what;  // a result of eddy_plugin_loads_total
  std::string version, sha256;
  std::string reason;  // empty: there is none to give
};

// The last events, oldest first. Not thread-safe.
class PluginHistory {
 public:
  void add(std::int64_t now_us, std::string what, const PluginIdentity& plugin, std::string reason) {
    events_.push_back({now_us, std::move(what), plugin.version, plugin.sha256, std::move(reason)});
    if (events_.size() > kMost) events_.pop_front();
  }
  const std::deque<PluginEvent>& events() const { return events_; }

 private:
  static constexpr std::size_t kMost = 20;

  std::deque<PluginEvent> events_;
};

}  // namespace eddy::host
