// SPDX-License-Identifier: Apache-2.0
#include "guard/backtrace.h"

#include <pthread.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "guard/guard.h"

#if !defined(__x86_64__)
#error "The guard reads x86-64 registers"
#endif

namespace eddy::host {
namespace {

constexpr std::uintptr_t kWord = sizeof(std::uintptr_t);
constexpr std::uintptr_t kLowestCode = 4096;
constexpr std::uintptr_t kScanWords = 1024;
constexpr std::uint32_t kScanFrames = 8;

// The stack may belong to sanitized code; its redzones are of no interest here.
__attribute__((no_sanitize("address", "thread", "undefined"))) std::uintptr_t read_word(std::uintptr_t address) {
  return *reinterpret_cast<const volatile std::uintptr_t*>(address);
}

__attribute__((no_sanitize("address", "thread", "undefined"))) std::uint8_t read_byte(std::uintptr_t address) {
  return *reinterpret_cast<const volatile std::uint8_t*>(address);
}

bool readable(std::uintptr_t address, const StackLimits& stack) {
  return address % kWord == 0 && address >= stack.low && address + kWord <= stack.high;
}

// A return address follows a call: e8 rel32, or ff /2 with its operand bytes.
bool follows_call(std::uintptr_t address, const CodeRange& image) {
  if (address < image.begin + 7 || address > image.end) return false;
  if (read_byte(address - 5) == 0xe8) return true;
  for (std::uintptr_t length : {2U, 3U, 4U, 6U, 7U}) {
    if (read_byte(address - length) == 0xff && ((read_byte(address - length + 1) >> 3) & 7) == 2) return true;
  }
  return false;
}

void push(Fault& fault, std::uintptr_t address) {
  if (fault.frame_count < fault.frames.size()) fault.frames[fault.frame_count++] = address;
}

// Along the frame pointers, from `fp` upward; only frames above `floor` are new.
void walk(std::uintptr_t fp, std::uintptr_t floor, const StackLimits& stack, Fault& fault) {
  while (fp > floor && readable(fp, stack) && readable(fp + kWord, stack) && fault.frame_count < fault.frames.size()) {
    const std::uintptr_t return_address = read_word(fp + kWord);
    if (return_address < kLowestCode) return;
    push(fault, return_address);
    floor = fp;
    fp = read_word(fp);
  }
}

// Where in the stack the first return address into the image lies, from sp upward; 0 when there is none near.
std::uintptr_t find_return(std::uintptr_t from, const StackLimits& stack, const CodeRange& image) {
  const std::uintptr_t begin = from < stack.low ? stack.low : (from + kWord - 1) / kWord * kWord;
  for (std::uintptr_t at = begin, words = 0; words < kScanWords && readable(at, stack); at += kWord, ++words) {
    const std::uintptr_t word = read_word(at);
    if (image.contains(word) && follows_call(word, image)) return at;
  }
  return 0;
}

}  // namespace

Registers registers_of(const void* ucontext) {
  const auto& state = static_cast<const ucontext_t*>(ucontext)->uc_mcontext.gregs;
  return {static_cast<std::uintptr_t>(state[REG_RIP]), static_cast<std::uintptr_t>(state[REG_RSP]),
          static_cast<std::uintptr_t>(state[REG_RBP])};
}

Result<StackLimits> StackLimits::of_this_thread() {
  pthread_attr_t attributes;
  if (const int error = pthread_getattr_np(pthread_self(), &attributes); error != 0) {
    return Error{Code::kInternal, std::string("guard: cannot read this thread's stack limits: ") + strerror(error)};
  }
  void* address = nullptr;
  std::size_t size = 0;
  std::size_t guard = 0;
  pthread_attr_getstack(&attributes, &address, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  const auto low = reinterpret_cast<std::uintptr_t>(address);
  return StackLimits{low + guard, low + size};
}

bool StackLimits::overflown(std::uintptr_t address, std::uintptr_t sp) const {
  constexpr std::uintptr_t kNear = std::uintptr_t{64} << 10U;  // guard pages, and the kernel's gap
  constexpr std::uintptr_t kFrame = std::uintptr_t{1} << 30U;  // a frame this huge is no frame
  const std::uintptr_t page = 4096;
  // A stray pointer may name what lies below a stack, a mapping of whomever: an overflow has the stack pointer there.
  if (sp >= low + page || address >= low + page) return false;
  return address + kNear >= low || sp + kFrame >= low;
}

void collect_frames(const Registers& registers, const StackLimits& stack, const CodeRange& image, Fault& fault) {
  fault.frame_count = 0;
  if (image.contains(registers.pc)) {
    // Compilers give a function that calls nothing no frame of its own: its caller is known by the top word alone.
    const std::uintptr_t top = top_of_stack(registers, stack);
    if (image.contains(top) && follows_call(top, image) && registers.sp != registers.fp + kWord) push(fault, top);
    walk(registers.fp, 0, stack, fault);
    return;
  }
  std::uintptr_t at = find_return(registers.sp, stack, image);
  if (at == 0) {
    walk(registers.fp, 0, stack, fault);
    return;
  }
  push(fault, read_word(at));
  const std::uint32_t before = fault.frame_count;
  walk(registers.fp, at, stack, fault);
  if (fault.frame_count > before) return;
  // The function outside the image used the frame pointer for something else: its callers' return addresses are still
  // on the stack, though perhaps among some that are stale.
  while (fault.frame_count < kScanFrames && (at = find_return(at + kWord, stack, image)) != 0) {
    push(fault, read_word(at));
  }
}

std::uintptr_t top_of_stack(const Registers& registers, const StackLimits& stack) {
  return readable(registers.sp, stack) ? read_word(registers.sp) : 0;
}

}  // namespace eddy::host
