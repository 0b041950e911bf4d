// SPDX-License-Identifier: Apache-2.0
#include "guard/objects.h"

#include <dlfcn.h>
#include <link.h>

#include <array>

#include "base/sanitizers.h"

namespace eddy::host {
namespace {

// C library functions that take no lock and call nothing that does. Resolved, so that these are the variants chosen for
// this CPU. No one is longer than kLeafSize, and around them the C library has only others of their kind.
constexpr std::array<const char*, 27> kLeaves = {
    "memcpy",  "memmove",   "mempcpy", "memset",  "memcmp",  "bcmp",    "memchr",     "memrchr",     "rawmemchr",
    "strlen",  "strnlen",   "strcmp",  "strncmp", "strcpy",  "strncpy", "stpcpy",     "strcat",      "strchr",
    "strrchr", "strchrnul", "strspn",  "strcspn", "strpbrk", "wcslen",  "strcasecmp", "strncasecmp", "wmemset"};
constexpr std::uintptr_t kLeafSize = 2048;

struct Objects {
  const link_map* c_library = nullptr;
  const link_map* loader = nullptr;
  const link_map* cxx_library = nullptr;
  const link_map* interceptors = nullptr;  // AddressSanitizer's, which stand before the leaves
  const link_map* program = nullptr;
  std::array<std::uintptr_t, kLeaves.size()> leaves{};
};

Objects objects;  // written once, before the handlers are installed

// Async-signal-safe, lock-free: the unwinder's own way to find an object.
const link_map* object_of(std::uintptr_t address) {
  dl_find_object found{};
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return nullptr;
  return found.dlfo_link_map;
}

template <typename T>
const link_map* object_with(T* symbol) {
  return object_of(reinterpret_cast<std::uintptr_t>(symbol));
}

bool in_leaf(std::uintptr_t pc) {
  for (const std::uintptr_t leaf : objects.leaves) {
    if (leaf != 0 && pc >= leaf && pc - leaf < kLeafSize) return true;
  }
  return false;
}

// Code that holds no lock of the process while it runs over a caller's bytes: the plugin's, and strings and streams of
// the C++ library.
bool harmless_caller(const GuardSlot& slot, std::uintptr_t address) {
  if (slot.image.contains(address)) return true;
  const link_map* object = object_of(address);
  return object != nullptr && (object == objects.cxx_library || object == objects.interceptors);
}

}  // namespace

void resolve_objects() {
  void* c_library = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  if (c_library != nullptr) {
    for (std::size_t i = 0; i < kLeaves.size(); ++i) {
      objects.leaves[i] = reinterpret_cast<std::uintptr_t>(dlsym(c_library, kLeaves[i]));
    }
    objects.c_library = object_with(dlsym(c_library, "gnu_get_libc_version"));
  }
  void* loader = dlsym(RTLD_DEFAULT, "_dl_find_object");
  objects.loader = loader != nullptr ? object_with(loader) : nullptr;
  void* terminate = dlsym(RTLD_DEFAULT, "_ZSt9terminatev");
  objects.cxx_library = terminate != nullptr ? object_with(terminate) : nullptr;
  objects.program = object_with(&resolve_objects);
  if (kAddressSanitizer) objects.interceptors = object_with(dlsym(RTLD_DEFAULT, "strlen"));
}

bool leaves_process_clean(const GuardSlot& slot, const Registers& registers, bool fetch) {
  if (slot.image.contains(registers.pc)) return true;
  const std::uintptr_t top = top_of_stack(registers, slot.call_stack());
  if (fetch) {
    // Nobody's code ran. A tail call leaves the return address of whoever called the plugin: this program.
    return slot.image.contains(top) || (top != 0 && object_of(top) == objects.program);
  }
  if (in_leaf(registers.pc)) return slot.in_host() || harmless_caller(slot, top);
  if (!slot.in_host()) return false;
  // Host code running over the plugin's bytes. The C library and the loader may hold their locks.
  const link_map* object = object_of(registers.pc);
  return object != nullptr && object != objects.c_library && object != objects.loader;
}

bool caller_is_clean(const GuardSlot& slot, std::uintptr_t caller) {
  return slot.in_host() || harmless_caller(slot, caller);
}

}  // namespace eddy::host
