// SPDX-License-Identifier: Apache-2.0
// What the audit log gets to see of a request and of its answer.
#pragma once

#include <string>

#include "admin/route.h"
#include "audit/audit_log.h"

namespace eddy::host {

// Parameters of path and query, and of a JSON body the values that the route names. What `match` is compared with stays
// out, as it may be what `redact` masks; so does the end of a long text.
AuditEntry audit_entry(const ApiRoute& route, const ApiRequest& request);

// What the handler says of the outcome, else the error that the answer tells.
std::string audit_result(const HttpReply& reply);

}  // namespace eddy::host
