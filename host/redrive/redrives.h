// SPDX-License-Identifier: Apache-2.0
// All redrives of a host: asked for, listed, and taken up again after a restart.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redrive/redriver.h"
#include "triage/letter_filter.h"

namespace eddy::host {

// What a redrive would do.
struct RedrivePlan {
  std::uint64_t selected = 0;
  std::map<std::string, std::uint64_t> to{};        // letters by stream or function
  std::map<std::string, std::uint64_t> left_out{};  // by reason
};
nlohmann::ordered_json to_json(const RedrivePlan& plan);

// Thread-safe. Kept in <data_dir>/redrives; those that are over are forgotten after 100 younger ones.
class Redrives {
 public:
  // Goes on with what was not over. What cannot be read is left where it is, and told in the log.
  static Result<std::unique_ptr<Redrives>> open(RedriveContext context, const std::string& data_dir);
  ~Redrives();  // they go on when it is opened again

  // Selects, and starts to send; `spec` without id, time and filter. kBadData: no such queue or stream, or nothing
  // meets the filter; kConflict: another one of this queue is not over.
  Result<RedriveStatus> start(RedriveSpec spec, const LetterFilter& filter);
  // The same without doing anything.
  Result<RedrivePlan> plan(const RedriveSpec& spec, const LetterFilter& filter);

  std::vector<RedriveStatus> list() const;  // newest first
  // kBadData: there is none of this id. `what` is Redriver::pause, resume or cancel.
  Result<RedriveStatus> find(const std::string& id) const;
  Result<RedriveStatus> act(const std::string& id, Result<void> (Redriver::*what)());

 private:
  Redrives(RedriveContext context, std::string directory);
  Result<void> take_up();
  Result<void> take_up(const std::string& file);
  Result<Selection> select(const std::string& queue, LetterFilter filter) const;
  Result<void> check(const RedriveSpec& spec) const;
  Result<void> queue_is_free(const std::string& queue) const;
  void forget_old();
  static Error unknown(const std::string& id);

  const RedriveContext context_;
  const std::string directory_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Redriver>> running_;  // by id, which begins with its time
  std::map<std::string, RedriveStatus> over_;
};

}  // namespace eddy::host
