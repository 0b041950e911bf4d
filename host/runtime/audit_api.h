// SPDX-License-Identifier: Apache-2.0
// The admin listener's route for the audit log: /api/v1/audit.
#pragma once

#include "admin/server.h"
#include "audit/audit_log.h"

namespace eddy::host {

// The log must outlive the server.
void add_audit_routes(AdminServer& admin, const AuditLog& log);

}  // namespace eddy::host
