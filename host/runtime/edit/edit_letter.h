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

// The copy is open again in the letter's queue, also when the letter is parked; the letter itself counts as discarded
// from then on, because the copy names it. kTooLarge: the queue has no room for a letter that holds it whole. kBadData:
// nothing was corrected.
Result<EditedLetter> edit_letter(Transport& transport, const Settings& settings, const std::string& queue,
                                 const DeadLetter& letter, Bytes corrected, std::int64_t now_us);

}  // namespace eddy::host
