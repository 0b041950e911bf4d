// SPDX-License-Identifier: Apache-2.0
#include "runtime/version.h"

namespace eddy::host {

const char* const kVersion = EDDY_VERSION;
const char* const kRevision = EDDY_REVISION;

}  // namespace eddy::host
