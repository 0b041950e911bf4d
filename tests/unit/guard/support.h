// SPDX-License-Identifier: Apache-2.0
// What the guard's tests share: the fixture, a guarded thread, a child process.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "base/sanitizers.h"
#include "guard/guard.h"

namespace eddy::host::testing {

// Signals cannot be recovered from in a process under TSan: the functions that need it go on in a worker process there.
#define EDDY_NEEDS_SIGNAL_RECOVERY()                                                            \
  if (kThreadSanitizer) {                                                                       \
    GTEST_SKIP() << "ThreadSanitizer kills the process at the second signal that is survived, " \
                    "and delivers asynchronous signals late";                                   \
  }

// The fixture, loaded once for the process.
class Fixture {
 public:
  static const Fixture& instance() {
    static const Fixture fixture;
    return fixture;
  }
  ThreadGuard::Function function(const std::string& name) const {
    auto* found = reinterpret_cast<ThreadGuard::Function>(dlsym(handle_, name.c_str()));
    if (found == nullptr) ADD_FAILURE() << "the fixture has no function " << name;
    return found;
  }
  const CodeRange& code() const { return code_; }

 private:
  Fixture() : handle_(dlopen(EDDY_GUARD_FIXTURE, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) {
      ADD_FAILURE() << dlerror();
      return;
    }
    code_ = code_range_of(dlsym(handle_, "returns"));
  }
  void* handle_;
  CodeRange code_;
};

inline std::unique_ptr<ThreadGuard> enter() {
  auto guard = ThreadGuard::enter();
  if (!guard) {
    ADD_FAILURE() << guard.error().text;
    return nullptr;
  }
  return *std::move(guard);
}

inline Verdict call(ThreadGuard& guard, const std::string& name, void* argument = nullptr,
                    std::uint32_t timeout_ms = 0) {
  const Fixture& fixture = Fixture::instance();
  return guard.call(fixture.function(name), argument, fixture.code(), timeout_ms);
}

// What the fixture's calls_back() calls.
struct Callback {
  void (*function)(void*);
  void* argument;
};

// Runs `body` in a forked child, without a core file; gives the status of waitpid.
inline int in_child(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    body();
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  return status;
}

}  // namespace eddy::host::testing
