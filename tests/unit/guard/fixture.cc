// SPDX-License-Identifier: Apache-2.0
// One fault each, named for the fault. Loaded by the guard's tests as a plugin would be.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#define FAULT extern "C" __attribute__((visibility("default"), noinline)) void

// What assert() calls; not declared where assertions are compiled out.
extern "C" [[noreturn]] void __assert_fail(const char*, const char*, unsigned int, const char*) noexcept;

namespace {

volatile int zero = 0;
volatile int sink = 0;
volatile bool forever = true;
int* volatile null_pointer = nullptr;
void (*volatile null_function)() = nullptr;

struct Marked {
  int code;
};

// Not exported: its name is in the symbol table alone.
__attribute__((noinline)) void hidden_null_write() {
  *null_pointer = 1;
  sink = 1;
}

__attribute__((noinline)) int recurse(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  return recurse(depth + 1) + frame[0];
}

void throw_error() { throw std::runtime_error("out of a noexcept function"); }
void throw_here() noexcept { throw_error(); }

struct CrashingWhat : std::exception {
  const char* what() const noexcept override {
    *null_pointer = 2;
    return "";
  }
};

}  // namespace

FAULT returns(void*) { sink = 0; }
FAULT counts(void* counter) { ++*static_cast<std::uint64_t*>(counter); }

FAULT null_write(void*) {
  hidden_null_write();
  sink = 2;
}
FAULT null_call(void*) {
  null_function();
  sink = 3;
}
FAULT wild_call(void*) {
  reinterpret_cast<void (*)()>(static_cast<std::uintptr_t>(0x5a5a000))();
  sink = 3;
}
FAULT division_by_zero(void*) { sink = 1000 / zero; }
FAULT illegal_instruction(void*) { __builtin_trap(); }
FAULT breakpoint(void*) { asm volatile("int3"); }
FAULT bus_error(void*) {
  const int file = memfd_create("truncated", 0);
  if (ftruncate(file, 4096) != 0) return;
  auto* mapping = static_cast<volatile char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
  if (ftruncate(file, 0) != 0) return;
  close(file);
  mapping[0] = 1;
}
FAULT calls_abort(void*) { std::abort(); }
FAULT failed_assert(void*) { __assert_fail("value > 0", "fixture.cc", 42, "failed_assert"); }
FAULT breaks_noexcept(void*) { throw_here(); }
FAULT calls_terminate(void*) { std::terminate(); }
FAULT deep_recursion(void*) { sink = recurse(0); }
FAULT huge_frame(void*) {
  volatile char frame[std::size_t{64} << 20U];
  frame[static_cast<std::size_t>(sink & 1)] = 1;  // an index that is not known, so that all of it is there
  sink = frame[static_cast<std::size_t>(zero)];
}
FAULT crash_in_catch(void*) {
  try {
    throw std::runtime_error("first");
  } catch (const std::exception&) {
    *null_pointer = 3;
  }
}
FAULT crash_in_destructor(void*) {
  struct Crash {
    ~Crash() { *null_pointer = 4; }
  };
  const Crash crash;
  throw std::runtime_error("unwinds into a crash");
}

FAULT throws_int(void*) { throw 42; }
FAULT throws_struct(void*) { throw Marked{7}; }
FAULT throws_string(void*) { throw std::string("a string"); }
FAULT throws_text(void*) { throw "a literal"; }
FAULT throws_runtime_error(void*) { throw std::runtime_error("an error"); }
FAULT throws_crashing_what(void*) { throw CrashingWhat(); }
FAULT throws_vector_at(void*) { sink = std::vector<int>().at(3); }

FAULT calls_exit(void*) { std::exit(3); }
FAULT calls_quiet_exit(void*) { _exit(4); }
FAULT calls_big_quiet_exit(void*) { std::_Exit(5); }
FAULT calls_quick_exit(void*) { std::quick_exit(6); }
FAULT calls_pthread_exit(void*) { pthread_exit(nullptr); }
// Forks a child that exits; 0 into *result when the child was a child.
FAULT forks_and_exits(void* result) {
  const pid_t child = fork();
  if (child == 0) _exit(9);
  int status = 0;
  waitpid(child, &status, 0);
  *static_cast<int*>(result) = WIFEXITED(status) && WEXITSTATUS(status) == 9 ? 0 : 1;
}

FAULT busy_loop(void*) {
  while (forever) sink = sink + 1;
}
FAULT malloc_loop(void*) {
  while (forever) {
    void* volatile block = std::malloc(static_cast<std::size_t>(64 + (sink & 1023)));
    std::free(block);
    sink = sink + 1;
  }
}
// Never seen here again: unlike sleep(), a read goes on in the kernel after a signal whose handler says so.
FAULT reads_forever(void* silent) {
  char byte;
  sink = static_cast<int>(read(*static_cast<int*>(silent), &byte, 1));
}
FAULT locks_twice(void*) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&mutex);
}
FAULT spins_until_set(void* flag) {
  while (!__atomic_load_n(static_cast<bool*>(flag), __ATOMIC_RELAXED)) sink = sink + 1;
}

struct Copy {
  void* to;
  const void* from;
  std::size_t size;
};
FAULT copies(void* argument) {
  const auto& copy = *static_cast<const Copy*>(argument);
  std::memcpy(copy.to, copy.from, copy.size);
  sink = 5;
}
FAULT measures_bad_text(void*) { sink = static_cast<int>(std::strlen(reinterpret_cast<char*>(null_pointer) + sink)); }
FAULT string_of_bad_text(void*) { sink = static_cast<int>(std::string(reinterpret_cast<char*>(8)).size()); }
FAULT prints_bad_text(void*) {
  char text[64];
  const char* volatile bad = reinterpret_cast<const char*>(8);
  sink = std::snprintf(text, sizeof text, "%s", bad);
}
FAULT frees_twice(void*) {
  void* volatile block = std::malloc(40);
  std::free(block);
  std::free(block);
}
FAULT raises_segv(void*) { std::raise(SIGSEGV); }

// Calls back: what a plugin does with a function of the host.
struct Callback {
  void (*function)(void*);
  void* argument;
};
FAULT calls_back(void* argument) {
  const auto& callback = *static_cast<const Callback*>(argument);
  callback.function(callback.argument);
  sink = 6;
}
FAULT removes_handlers(void*) {
  std::signal(SIGSEGV, SIG_DFL);
  std::signal(SIGURG, SIG_IGN);
}
