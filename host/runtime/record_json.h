// SPDX-License-Identifier: Apache-2.0
// Records as `eddy peek` and the admin API show them.
#pragma once

#include <nlohmann/json.hpp>

#include "base/record.h"
#include "dead_letter/mask.h"
#include "triage/bytes_json.h"

namespace eddy::host {

// Place, time, key, headers and value.
nlohmann::ordered_json record_json(const Record& record);

// The same without what `mask` hides, in the key and the headers too. Of a dead letter, whose value holds another
// record, nothing but place and time is shown: its own listing masks it.
nlohmann::ordered_json masked_record_json(const Record& record, const Mask& mask, bool is_letter);

// How the records of a stream are shown.
struct ShownRecords {
  Mask mask{};
  bool letters = false;  // dead letters

  // `masked` says whether the mask hides something.
  nlohmann::ordered_json json(const Record& record) const;
};

}  // namespace eddy::host
