// SPDX-License-Identifier: Apache-2.0
// One redrive at work: a thread that sends, looks what became of what it sent, and stops itself when that is bad.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "redrive/outcomes.h"
#include "redrive/pace.h"
#include "redrive/redrive.h"
#include "redrive/sender.h"

namespace eddy::host {

class Redriver {
 public:
  // Goes on where the status says. `directory` holds its file, which it keeps up to date. `context` outlives it.
  Redriver(const RedriveContext& context, std::string directory, RedriveStatus status, Selection selection);
  ~Redriver();  // ends the unit at hand; the redrive goes on when it is opened again

  RedriveStatus status() const;  // [any thread]

  // kConflict when it is not in a state for that. Durable when they return. [any thread]
  Result<void> pause();
  Result<void> resume();  // also what has stopped itself: what failed until now is forgiven
  Result<void> cancel();

 private:
  void loop();
  Result<void> step();
  Result<void> send_some();
  Result<void> look();
  void judge();
  void finish();
  Result<std::uint64_t> lag() const;
  Result<void> meet(const std::string& function);
  void wait(std::chrono::milliseconds time);
  bool ending() const;
  Result<void> turn(RedriveState state, const std::string& reason);
  Result<void> change(const std::function<void(RedriveStatus&)>& make);
  RedriveState state() const;

  const RedriveContext& context_;
  const std::string directory_;
  const RedriveSpec spec_;
  const Selection selection_;
  Pace pace_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<Outcomes> outcomes_;
  std::chrono::steady_clock::time_point looked_;
  bool all_reached_ = false;

  std::mutex saving_;  // taken before mutex_: changes are saved one after another
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  RedriveStatus status_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

// <directory>/<id>.json and <directory>/<id>.letters
std::string status_file(const std::string& directory, const std::string& id);
std::string selection_file(const std::string& directory, const std::string& id);

}  // namespace eddy::host
