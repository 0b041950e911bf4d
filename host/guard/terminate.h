// SPDX-License-Identifier: Apache-2.0
// std::terminate inside a guarded call: keeps the exception that could not be thrown, then aborts as ever.
#pragma once

namespace eddy::host {

void install_terminate();

}  // namespace eddy::host
