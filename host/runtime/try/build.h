// SPDX-License-Identifier: Apache-2.0
// One function of one build, called in a worker process of its own and for nothing but to see what comes of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dead_letter/fingerprint.h"
#include "function/caller.h"
#include "plugin/image.h"
#include "plugin/topology.h"
#include "runtime/try/output.h"
#include "sandbox/zygote.h"
#include "settings/settings.h"

namespace eddy::host {

// What every build of a trial is set up with; outlives them all.
struct TryPlace {
  const Settings& settings;
  const Topology& topology;  // streams that a multi-transform may name
  Zygote& zygote;
  std::function<bool()> go_on;  // false: everything is to end
  std::uint32_t timeout_ms;     // of a call of a function that has no limit of its own
  bool as_configured;           // what its settings allow it; else nothing: no network, no file
};

// Not thread-safe. Faults of the build are endings like any other.
class TryBuild {
 public:
  // Never fails: a function that cannot be set up fails on every record, in the plugin's own words.
  TryBuild(const ImagePtr& image, const std::string& function, const TryPlace& place);

  // An error: it was told to end meanwhile, and nothing is known of the record. `letter`: what the record is, when the
  // function is over a queue.
  Result<TryEnding> run(const Task& task, const DeadLetter* letter);

  // Why it cannot be called at all; empty: it can.
  const std::string& set_up_failure() const { return set_up_failure_; }
  const FunctionDecl* decl() const { return image_->function(function_); }

 private:
  Result<void> set_up();
  TryEnding failed(std::string_view type, std::string_view message, const LetterFault* fault);
  TryEnding taken(const Record& record, const Called& called, const DeadLetter* letter);

  const ImagePtr image_;
  const std::string function_;
  const TryPlace& place_;
  std::unique_ptr<FunctionCaller> caller_;
  std::string set_up_failure_;
  Fingerprint fingerprint_;
};

}  // namespace eddy::host
