// SPDX-License-Identifier: Apache-2.0
#include "base/sanitizers.h"

// A recovered call leaks what it held: that is the price of the jump, not a finding.
#if defined(EDDY_ADDRESS_SANITIZER)
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "detect_leaks=0:allow_user_segv_handler=1:handle_abort=0:allocator_may_return_null=1";
}
#endif

#if defined(EDDY_THREAD_SANITIZER)
// Tests fork children that start their own watchdog.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options() { return "die_after_fork=0"; }
#endif
