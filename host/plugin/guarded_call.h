// SPDX-License-Identifier: Apache-2.0
// A call into a plugin in step "describe": what it does, other than return, is a refusal.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "guard/guard.h"
#include "guard/symbolise.h"
#include "plugin/refusal.h"
#include "plugin/unwritten.h"

namespace eddy::host {

// Call: plain data and a static `run(void* call)`, as ThreadGuard::call has it. [control thread]
template <typename Call>
Result<void> guarded_call(Call& call, const char* what, const CodeRange& code, std::uint32_t timeout_ms) {
  EDDY_ASSIGN(ThreadGuard* const guard, ThreadGuard::of_this_thread());
  fill_unwritten_stack();
  const Verdict verdict = guard->call(&Call::run, &call, code, timeout_ms);
  if (verdict == Verdict::kReturned) return {};
  return refuse("describe", std::string(what) + " to return", describe(verdict, guard->fault(), timeout_ms, code),
                "mend it and replace the file; this copy of it is not called again");
}

}  // namespace eddy::host
