// SPDX-License-Identifier: Apache-2.0
// A recovered call leaks what it held: that is the price of the jump, not a finding.
#include "guard/sanitizers.h"

#if defined(EDDY_ADDRESS_SANITIZER)
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "detect_leaks=0:allow_user_segv_handler=1:handle_abort=0:allocator_may_return_null=1";
}
#endif
