// SPDX-License-Identifier: Apache-2.0
// Good code behind a static constructor that DOES something while the file is loaded; FAULT is the plugin's name.
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "plugin.h"

namespace {

volatile int always = 1;

[[maybe_unused]] void* fault(void*) {
  *reinterpret_cast<volatile int*>(16) = 1;
  return nullptr;
}

// The fault of a thread that the constructor has started, while the constructor still waits for it.
[[maybe_unused]] void fault_in_thread() {
  pthread_t thread;
  pthread_create(&thread, nullptr, fault, nullptr);
  pthread_join(thread, nullptr);
}

struct Constructor {
  Constructor() { DOES; }
} constructor;

uint32_t process(void*, void*, const eddy_input* input, eddy_call* call) { return bad_pass(input, call); }

}  // namespace

#define BAD_NAMED_PLUGIN(NAME, PROCESS) BAD_PLUGIN(NAME, PROCESS)
BAD_NAMED_PLUGIN(FAULT, process)
