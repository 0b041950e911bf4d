// SPDX-License-Identifier: Apache-2.0
// Why a record failed.
#pragma once

#include <cstdint>
#include <string_view>

#include "dead_letter/letter.h"
#include "eddy/abi.h"
#include "plugin/manifest.h"

namespace eddy::host {

// Borrows its texts.
struct FailureCause {
  std::string_view type;
  std::string_view message;
  std::uint32_t kind = EDDY_FAIL_PLAIN;
  const LetterFault* fault = nullptr;
  std::uint32_t attempts = 0;              // calls made, over all; 0: it could not even be called
  bool called = false;                     // this time
  const PluginIdentity* plugin = nullptr;  // the build that failed, when it is not the one that is bound
};

}  // namespace eddy::host
