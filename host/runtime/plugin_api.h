// SPDX-License-Identifier: Apache-2.0
// The admin listener's view of plugins: /api/v1/plugins.
#pragma once

#include <string>
#include <vector>

#include "admin/server.h"
#include "base/result.h"
#include "runtime/plugin_life.h"

namespace eddy::host {

// {"plugins": [...]}: what is known of each, what it is in quarantine for, and what happened to it lately.
HttpReply plugins_reply(const std::vector<PluginRecord>& plugins);

// What became of a request: 200, 404 no such plugin, 409 not in that state, 503 not now, 500 it was tried and failed.
HttpReply request_reply(const std::string& plugin, const Result<void>& done);

}  // namespace eddy::host
