// SPDX-License-Identifier: Apache-2.0
// Records as `eddy peek --json` and the admin API show them.
#pragma once

#include <nlohmann/json.hpp>

#include "base/record.h"

namespace eddy::host {

// A string when the bytes are UTF-8, else {"base64": …}; null for null.
nlohmann::ordered_json json_of(const Bytes& bytes);

// Place, time, key, headers and value.
nlohmann::ordered_json record_json(const Record& record);

}  // namespace eddy::host
