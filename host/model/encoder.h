// SPDX-License-Identifier: Apache-2.0
// A row of tagged values in, JSON text out.
#pragma once

#include <string>

#include "base/result.h"
#include "model/model.h"

namespace eddy::host {

// Appends the row as one JSON object, fields in model order, absent optionals as null. Integers exactly; a double as
// the shortest text that reads back equal. Returns kRefused, naming the JSON pointer, when the row does not fit the
// model (wrong kind or count, enum index out of range, a NaN or infinite number, a string that is not UTF-8, JSON text
// that is not JSON); `out` is then as it was. Thread-safe.
Result<void> encode(const Model& model, const eddy_value* row, std::string& out);

// The same for one value of a type; an absent optional is null. The pointer in a refusal begins at the value.
Result<void> encode(const ModelType& type, const eddy_value& value, std::string& out);

}  // namespace eddy::host
