// SPDX-License-Identifier: Apache-2.0
// What the host tells the service manager that has started it (systemd, Type=notify): ready, reloading, stopping, how
// it is, and that its control thread is alive.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"

namespace eddy::host {

struct HostView;

// Control thread only. Says nothing when nobody listens: the environment has no NOTIFY_SOCKET. The environment is left
// as it is, because a host that starts itself again (guard/restart.h) is the same service.
class ServiceManager {
 public:
  explicit ServiceManager(const Clock& clock);

  void starting();                        // keeps the time limit of a start from passing while a large store is opened
  void ready(const std::string& status);  // also: reloading is done
  void reloading(const std::string& status);
  void stopping(const std::string& status);
  void status(const std::string& status);  // only when it is another one than before

  // Once in every turn of the control thread's loop. Sent at most four times in the manager's interval, which is taken
  // for hung when it passes without a word.
  void alive();

  // How often alive() has to be called, or nothing when nobody watches.
  std::optional<std::chrono::microseconds> every() const { return every_; }

 private:
  void say(const std::string& text) const;

  const Clock& clock_;
  const bool listening_;
  std::optional<std::chrono::microseconds> every_;
  std::chrono::steady_clock::time_point last_alive_;
  std::string status_;
};

// One line: what runs, and what is wrong first.
std::string status_of(const HostView& view);

}  // namespace eddy::host
