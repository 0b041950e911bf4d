// SPDX-License-Identifier: Apache-2.0
// The key of a record that is made from a row.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "model/model.h"

namespace eddy::host {

// The model's key field as text: whoever writes records of a model does it like this, so that equal keys meet in one
// partition. None when the model has no such field, or the row no value in it. Borrowed from the row or from `buffer`.
std::optional<Bytes> record_key(const Model& model, const eddy_value* row, std::string& buffer);

}  // namespace eddy::host
