// SPDX-License-Identifier: Apache-2.0
// What the guard costs: the budget is 15 ns over the bare indirect call, deadline on.
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "guard/guard.h"
#include "guard/journal.h"
#include "guard/symbolise.h"

namespace eddy::host {
namespace {

// The fixture of the guard's unit tests stands for the plugin.
struct Plugin {
  Plugin() : handle(dlopen(EDDY_GUARD_FIXTURE, RTLD_NOW | RTLD_LOCAL)) {
    if (handle == nullptr) {
      std::fprintf(stderr, "%s: build the target guard_fixture first\n", dlerror());
      std::exit(69);
    }
    code = code_range_of(dlsym(handle, "returns"));
  }
  ThreadGuard::Function function(const char* name) const {
    return reinterpret_cast<ThreadGuard::Function>(dlsym(handle, name));
  }
  void* handle;
  CodeRange code;
};

const Plugin& plugin() {
  static const Plugin loaded;
  return loaded;
}

std::unique_ptr<ThreadGuard> enter() { return std::move(*ThreadGuard::enter()); }

void bare_call(benchmark::State& state) {
  ThreadGuard::Function function = plugin().function("counts");
  benchmark::DoNotOptimize(function);
  std::uint64_t count = 0;
  for (auto _ : state) function(&count);
  benchmark::DoNotOptimize(count);
}
BENCHMARK(bare_call);

void guarded_call(benchmark::State& state) {
  const auto guard = enter();
  const auto function = plugin().function("counts");
  std::uint64_t count = 0;
  for (auto _ : state) guard->call(function, &count, plugin().code, static_cast<std::uint32_t>(state.range(0)));
  benchmark::DoNotOptimize(count);
}
BENCHMARK(guarded_call)->ArgName("timeout_ms")->Arg(0)->Arg(1000);

void host_scope(benchmark::State& state) {
  const auto guard = enter();
  for (auto _ : state) const HostScope scope;
}
BENCHMARK(host_scope);

void journalled(benchmark::State& state) {
  const std::string path = (std::filesystem::temp_directory_path() / "eddy_bench_journal").string();
  const auto journal = std::move(*Journal::open(path));
  JournalCell* cell = *journal->acquire("function", 0);
  std::int64_t offset = 0;
  for (auto _ : state) {
    cell->begin(1, ++offset);
    cell->end();
  }
  std::filesystem::remove(path);
}
BENCHMARK(journalled);

void survived(benchmark::State& state, const char* name, Verdict expected) {
  const auto guard = enter();
  const auto function = plugin().function(name);
  for (auto _ : state) {
    if (guard->call(function, nullptr, plugin().code, 0) != expected) state.SkipWithError("another verdict");
  }
}
BENCHMARK_CAPTURE(survived, exception, "throws_runtime_error", Verdict::kException);
BENCHMARK_CAPTURE(survived, segv, "null_write", Verdict::kSignal);
BENCHMARK_CAPTURE(survived, abort, "calls_abort", Verdict::kSignal);
BENCHMARK_CAPTURE(survived, exit, "calls_exit", Verdict::kExit);
BENCHMARK_CAPTURE(survived, stack_overflow, "deep_recursion", Verdict::kSignal);

// How long after a deadline of 1 ms the call has been left.
void timed_out(benchmark::State& state, const char* name) {
  const auto guard = enter();
  const auto function = plugin().function(name);
  for (auto _ : state) {
    if (guard->call(function, nullptr, plugin().code, 1) != Verdict::kTimeout) state.SkipWithError("no time-out");
  }
}
BENCHMARK_CAPTURE(timed_out, busy_loop, "busy_loop")->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(100);
BENCHMARK_CAPTURE(timed_out, malloc_loop, "malloc_loop")->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(100);

void described(benchmark::State& state) {
  const auto guard = enter();
  guard->call(plugin().function("null_write"), nullptr, plugin().code, 0);
  for (auto _ : state) benchmark::DoNotOptimize(describe(Verdict::kSignal, guard->fault(), 0, plugin().code));
}
BENCHMARK(described);

}  // namespace
}  // namespace eddy::host

BENCHMARK_MAIN();
