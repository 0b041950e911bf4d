// SPDX-License-Identifier: Apache-2.0
#include "guard/terminate.h"

#include <cstdlib>
#include <exception>

#include "guard/exception_text.h"
#include "guard/exits.h"
#include "guard/slot.h"

namespace eddy::host {
namespace {

std::terminate_handler previous = nullptr;

// The C++ library's own handler writes to stderr, once properly and then never again. Inside a call the text belongs
// into the fault.
[[noreturn]] void on_terminate() {
  if (GuardSlot* slot = active_slot()) {
    reset(slot->fault);
    if (std::current_exception() != nullptr) note_current_exception(slot->fault);
    leave_by_abort(*slot, EDDY_CALLER_REGISTERS);
  }
  if (previous != nullptr) previous();
  std::abort();
}

}  // namespace

void install_terminate() { previous = std::set_terminate(on_terminate); }

}  // namespace eddy::host
