// SPDX-License-Identifier: Apache-2.0
// Takes out of listed error messages what `redact` hides of the originals.
#pragma once

#include "base/result.h"
#include "dead_letter/mask.h"
#include "triage/letter_fetcher.h"
#include "triage/triage_index.h"

namespace eddy::host {

// A message is hidden whole when its original cannot be read any more.
Result<void> mask_messages(LetterPage& page, const Mask& mask, LetterFetcher& fetcher);
// The message shown of a group becomes that of a sample.
Result<void> mask_messages(GroupPage& page, const Mask& mask, LetterFetcher& fetcher, TriageIndex& index);

}  // namespace eddy::host
