// SPDX-License-Identifier: Apache-2.0
// A dead letter as a row: the columns of the table that a queue feeds, the same in every database.
#pragma once

#include "dead_letter/letter.h"
#include "model/arena.h"
#include "model/model.h"

namespace eddy::host {

// "DeadLetter", its key the letter's id.
const std::shared_ptr<const Model>& letter_model();

// In that model's field order; lives in `arena`, nothing is borrowed from the letter.
const eddy_value* letter_row(const DeadLetter& letter, Arena& arena);

}  // namespace eddy::host
