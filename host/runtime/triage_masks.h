// SPDX-License-Identifier: Apache-2.0
// What the triage index hides, as the settings say.
#pragma once

#include <mutex>
#include <utility>

#include "settings/settings.h"
#include "triage/triage_index.h"

namespace eddy::host {

// Of a letter the pointers of its queue and of all functions: letters pass from one function to another, and which
// functions there are changes while the index stays.
TriageMasks masks_of(const Settings& settings);

// Those of the configuration that holds now. Thread-safe.
class MasksInForce {
 public:
  void set(TriageMasks masks) {
    const std::lock_guard lock(mutex_);
    masks_ = std::move(masks);
  }
  TriageMasks get() const {
    const std::lock_guard lock(mutex_);
    return masks_;
  }

 private:
  mutable std::mutex mutex_;
  TriageMasks masks_;
};

}  // namespace eddy::host
