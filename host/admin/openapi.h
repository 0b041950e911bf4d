// SPDX-License-Identifier: Apache-2.0
// What the admin API says of itself: OpenAPI 3.1 of all documented routes.
#pragma once

#include <string>
#include <string_view>

#include "admin/authority.h"
#include "admin/route_table.h"

namespace eddy::host {

// `authority` null: everybody is let in.
std::string admin_openapi(const RouteTable& table, const AdminAuthority* authority, std::string_view version);

}  // namespace eddy::host
