// SPDX-License-Identifier: Apache-2.0
// A corrected copy of a dead letter, put into its queue beside it.
#pragma once

#include <cstdint>
#include <string>

#include "dead_letter/letter.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

struct EditedLetter {
  std::string queue, id, digest;
};

// The copy is open in the letter's queue, also when the letter is parked, and names the letter; then it is said of that
// one that it is discarded, `by` whom. When this last part fails, doing it again is right: it makes the same copy,
// which counts once. kTooLarge: the queue has no room for a letter that holds it whole. kBadData: nothing was
// corrected.
Result<EditedLetter> edit_letter(Transport& transport, const Settings& settings, const std::string& queue,
                                 const DeadLetter& letter, Bytes corrected, const std::string& by, std::int64_t now_us);

}  // namespace eddy::host
