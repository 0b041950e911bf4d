// SPDX-License-Identifier: Apache-2.0
// One request to a host and its answer. Private to admin_client.cc.
#pragma once

#include "cli/admin_client.h"

namespace eddy::host {

// kUnavailable: nobody answers, or not in time; kConfig: a file of the client's TLS.
Result<AdminAnswer> exchange(const HostAccess& access, const std::string& method, const std::string& target,
                             const std::string& body);

}  // namespace eddy::host
