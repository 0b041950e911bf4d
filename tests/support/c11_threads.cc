// SPDX-License-Identifier: Apache-2.0
// ThreadSanitizer does not know the C11 thread functions, by which librdkafka starts its threads: a thread it has not
// seen start crashes in it. In tests built with it, these stand before the C library's, whose thrd_t is a pthread_t.
// Librdkafka itself is not instrumented; what it calls is left out of the check.
#include <pthread.h>
#include <threads.h>

#include <cstdint>
#include <memory>

extern "C" {

const char* __tsan_default_suppressions() { return "called_from_lib:librdkafka.so.1\n"; }

int thrd_create(thrd_t* thread, thrd_start_t start, void* argument) {
  struct Start {
    thrd_start_t function;
    void* argument;
  };
  auto begin = std::make_unique<Start>(Start{start, argument});
  const auto run = [](void* given) -> void* {
    const std::unique_ptr<Start> taken(static_cast<Start*>(given));
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(taken->function(taken->argument)));
  };
  if (pthread_create(thread, nullptr, run, begin.get()) != 0) return thrd_error;
  begin.release();
  return thrd_success;
}

int thrd_join(thrd_t thread, int* result) {
  void* returned = nullptr;
  if (pthread_join(thread, &returned) != 0) return thrd_error;
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return thrd_success;
}

}  // extern "C"
