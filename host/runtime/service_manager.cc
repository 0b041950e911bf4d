// SPDX-License-Identifier: Apache-2.0
#include "runtime/service_manager.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "runtime/host_view.h"

namespace eddy::host {

namespace {

constexpr std::chrono::seconds kStartAllowance{300};
constexpr int kWordsInAnInterval = 4;
constexpr bool kKeepEnvironment = false;

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t interval_us = 0;
  if (sd_watchdog_enabled(kKeepEnvironment, &interval_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval_us) / kWordsInAnInterval;
}

std::int64_t microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

// A status is one line: a second one would be an assignment of its own.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace

ServiceManager::ServiceManager(const Clock& clock)
    : clock_(clock), listening_(std::getenv("NOTIFY_SOCKET") != nullptr) {
  if (listening_) every_ = watchdog_interval();
}

void ServiceManager::starting() {
  say(fmt::format("EXTEND_TIMEOUT_USEC={}\nSTATUS=opening the store", microseconds(kStartAllowance)));
}

void ServiceManager::ready(const std::string& status) {
  status_ = status;
  say("READY=1\nSTATUS=" + one_line(status));
}

// Its time stamp is what Type=notify-reload of systemd 253 and later asks for; earlier ones pass it over.
void ServiceManager::reloading(const std::string& status) {
  status_ = status;
  say(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS={}", microseconds(clock_.steady().time_since_epoch()),
                  one_line(status)));
}

void ServiceManager::stopping(const std::string& status) {
  status_ = status;
  say("STOPPING=1\nSTATUS=" + one_line(status));
}

void ServiceManager::status(const std::string& status) {
  if (status == status_) return;
  status_ = status;
  say("STATUS=" + one_line(status));
}

void ServiceManager::alive() {
  if (!every_) return;
  const auto now = clock_.steady();
  if (now - last_alive_ < *every_ && last_alive_ != std::chrono::steady_clock::time_point{}) return;
  last_alive_ = now;
  say("WATCHDOG=1");
}

void ServiceManager::say(const std::string& text) const {
  if (!listening_) return;
  const int said = sd_notify(kKeepEnvironment, text.c_str());
  if (said >= 0) return;
  log_limited(LogLevel::kWarn, "service", "notify",
              fmt::format("cannot tell the service manager at {} how the host is: {}; it may take the host for hung",
                          std::getenv("NOTIFY_SOCKET"), std::strerror(-said)));
}

std::string status_of(const HostView& view) {
  const auto count = [](std::size_t number, const char* noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
  };
  const auto refused = static_cast<std::size_t>(std::ranges::count_if(
      view.plugins, [](const PluginRecord& plugin) { return plugin.status.state == PluginStatus::State::kRefused; }));
  const std::string running =
      fmt::format("{}{}, {}, {}", count(view.plugins.size() - refused, "plugin"),
                  refused == 0 ? "" : fmt::format(" ({} refused)", refused),
                  count(view.topology.functions.size(), "function"), count(view.feeds.size(), "table feed"));
  if (view.troubles.empty()) return "running: " + running;
  const std::string more =
      view.troubles.size() > 1 ? fmt::format(" (and {} more at /readyz)", view.troubles.size() - 1) : "";
  return fmt::format("{}{}; {}", view.troubles.front(), more, running);
}

}  // namespace eddy::host
