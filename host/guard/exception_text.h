// SPDX-License-Identifier: Apache-2.0
// The exception being handled, as text in a Fault.
#pragma once

namespace eddy::host {

struct Fault;

// Type (demangled) and message of the current exception. Calls the exception's what(), which is the plugin's code: only
// inside a guarded call. [in a catch block, or in a terminate handler]
void note_current_exception(Fault& fault);

}  // namespace eddy::host
