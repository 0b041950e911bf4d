// SPDX-License-Identifier: Apache-2.0
// Bytes as they are listed in JSON, so that they can be had back exactly.
#pragma once

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace eddy::host {

// A string when they are UTF-8, else {"base64": …}; null for null.
nlohmann::ordered_json json_of(const Bytes& bytes);

}  // namespace eddy::host
