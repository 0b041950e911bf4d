// SPDX-License-Identifier: Apache-2.0
// A plugin's function, instantiated for one worker. The only place from which a function's code is called.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "function/binding.h"
#include "function/call.h"
#include "guard/guard.h"

namespace eddy::host {

// How one call ended: `status` counts only if `verdict` is kReturned.
struct CallResult {
  Verdict verdict = Verdict::kReturned;
  std::uint32_t status = EDDY_FAILED;

  // A jump out of the plugin leaves it half-way through something: its image must not be called again.
  bool poisons() const { return verdict != Verdict::kReturned && verdict != Verdict::kException; }
};

// Belongs to the worker thread whose guard it was made with.
class Instance {
 public:
  // Calls the function's create. kRefused with the plugin's own words, or the fault's, when it fails; a fault poisons
  // the image.
  static Result<std::unique_ptr<Instance>> create(BindingPtr binding, ThreadGuard& guard, eddy_call& call);
  // Calls destroy, unless the image is poisoned.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // Calls the function. `call` has been started for this record.
  CallResult process(const eddy_input& input);

  // For a function that offers its state. An error says in the function's words, or the fault's, why there is none; a
  // fault poisons the image.
  Result<std::string> save();
  Result<void> load(std::uint32_t version, std::string_view bytes);

  const Binding& binding() const { return *binding_; }

 private:
  Instance(BindingPtr binding, ThreadGuard& guard, eddy_call& call);
  CallResult guarded(ThreadGuard::Function function, void* argument);
  std::string reason(const CallResult& result) const;

  BindingPtr binding_;
  ThreadGuard& guard_;
  eddy_call& call_;
  void* state_ = nullptr;
};

}  // namespace eddy::host
