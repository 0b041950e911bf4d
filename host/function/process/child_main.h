// SPDX-License-Identifier: Apache-2.0
// Every child process of the host begins here (sandbox/zygote_main.h).
#pragma once

#include <span>
#include <string>

#include "sandbox/child_role.h"

namespace eddy::host {

int child_main(ChildRole role, const std::string& payload, std::span<const int> fds);

}  // namespace eddy::host
