// SPDX-License-Identifier: Apache-2.0
// Listings as JSON: the same from the command line and from the admin API.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "dead_letter/letter_state.h"
#include "dead_letter/mask.h"
#include "triage/letter_fetcher.h"
#include "triage/listing.h"

namespace eddy::host {

nlohmann::ordered_json to_json(const QueueSummary& queue);
nlohmann::ordered_json to_json(const LetterGroup& group);
nlohmann::ordered_json to_json(const LetterRow& letter);
// {"groups": […], "total": n, "next": null or what a page that follows is asked for with}
nlohmann::ordered_json to_json(const GroupPage& page);
nlohmann::ordered_json to_json(const LetterPage& page);  // {"letters": […], "next": …}

// A letter whole: key, headers and original to the byte (bytes_json.h), but for what the mask hides. `state`: what a
// record said, if one holds.
nlohmann::ordered_json whole_letter_json(const LetterRow& row, const FetchedLetter& fetched,
                                         const std::optional<LetterStateRecord>& state, const Mask& mask);

// A letter's fault as JSON, a text when it is none; null: it has none.
nlohmann::ordered_json fault_json(const DeadLetter& letter);

}  // namespace eddy::host
