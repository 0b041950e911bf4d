// SPDX-License-Identifier: Apache-2.0
// Closes letters for which nothing else is to be done.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "stream/transport.h"
#include "triage/letter_place.h"

namespace eddy::host {

struct Discard {
  std::string queue;   // whose letters they are
  std::string by;      // who has asked for it
  std::string reason;  // shown with each letter
  std::int64_t at_us = 0;
};

// Writes that these letters, as they are now, are discarded; one that fails again later is open again. The letters stay
// where they are until their retention has passed. The stream of states must exist.
Result<void> discard_letters(Transport& transport, const std::vector<LetterPlace>& letters, const Discard& discard);

}  // namespace eddy::host
