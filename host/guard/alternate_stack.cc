// SPDX-License-Identifier: Apache-2.0
#include "guard/alternate_stack.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/sanitizers.h"

namespace eddy::host {
namespace {

// Frames are several times larger under a sanitizer, and its report is written from the handler.
constexpr std::size_t kSize = (kAddressSanitizer || kThreadSanitizer) ? 5 * 64 * 1024 : 64 * 1024;

}  // namespace

Result<void> AlternateStack::install() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const long wanted = sysconf(_SC_SIGSTKSZ);  // grows with the CPU's register state
  const std::size_t usable = std::max(kSize, (static_cast<std::size_t>(std::max(wanted, 0L)) + page - 1) / page * page);
  size_ = usable + page;
  void* mapping = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) {
    return Error{Code::kInternal, "guard: no memory for an alternate signal stack of " + std::to_string(size_) +
                                      " bytes: " + std::strerror(errno)};
  }
  mapping_ = mapping;
  mprotect(mapping_, page, PROT_NONE);
  stack_t stack{};
  stack.ss_sp = static_cast<char*>(mapping_) + page;
  stack.ss_size = usable;
  if (sigaltstack(&stack, &previous_) != 0) {
    const int error = errno;
    munmap(mapping_, size_);
    mapping_ = nullptr;
    return Error{Code::kInternal, std::string("guard: sigaltstack refused: ") + std::strerror(error)};
  }
  return {};
}

AlternateStack::~AlternateStack() {
  if (mapping_ == nullptr) return;
  // A sanitizer unmaps whatever alternate stack it finds when the thread ends: it must find its own.
  sigaltstack(&previous_, nullptr);
  munmap(mapping_, size_);
}

}  // namespace eddy::host
