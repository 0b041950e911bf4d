// SPDX-License-Identifier: Apache-2.0
// Raw frames of a faulting thread, for signal handlers: no allocation, no lock, no read outside the stack.
#pragma once

#include <csignal>
#include <cstdint>

#include "base/result.h"
#include "guard/code_range.h"

namespace eddy::host {

struct Fault;

// Where a thread stood.
struct Registers {
  std::uintptr_t pc = 0;
  std::uintptr_t sp = 0;
  std::uintptr_t fp = 0;
};

Registers registers_of(const void* ucontext);

// Of the caller of the function that this is written in, just before its call.
#define EDDY_CALLER_REGISTERS                                                                      \
  ::eddy::host::Registers {                                                                        \
    reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)) - 1,                             \
        reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) + 2 * sizeof(std::uintptr_t), \
        *static_cast<const std::uintptr_t*>(__builtin_frame_address(0))                            \
  }

// A thread's stack, read once on that thread.
struct StackLimits {
  std::uintptr_t low = 0;   // the lowest address that may be read: above the guard pages
  std::uintptr_t high = 0;  // one past the highest

  static Result<StackLimits> of_this_thread();

  // A fault at `address` with the stack pointer at `sp` ran off the low end, by a little or by a huge frame.
  bool overflown(std::uintptr_t address, std::uintptr_t sp) const;
};

// Fills fault.frames with return addresses, innermost first: along the frame pointers, which plugins keep; where the pc
// is outside `image` (a C library function, a call to nowhere) the first frame is looked for in the words above sp.
void collect_frames(const Registers& registers, const StackLimits& stack, const CodeRange& image, Fault& fault);

// The word at the stack pointer: in a function that has pushed nothing, the return address. 0 when unreadable.
std::uintptr_t top_of_stack(const Registers& registers, const StackLimits& stack);

}  // namespace eddy::host
