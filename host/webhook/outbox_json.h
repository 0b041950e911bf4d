// SPDX-License-Identifier: Apache-2.0
// Notices that wait, as the file keeps them over a restart.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "webhook/notice.h"

namespace eddy::host::webhook {

using Waiting = std::map<std::string, std::vector<Notice>>;  // by webhook, oldest first

nlohmann::json waiting_to_json(const Waiting& waiting);
// Throws what nlohmann_json throws, when it is something else.
Waiting waiting_from_json(const nlohmann::json& json);

}  // namespace eddy::host::webhook
