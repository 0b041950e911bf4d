// SPDX-License-Identifier: Apache-2.0
// Calls in a worker process beside calls in the thread: records of 200 bytes in batches of 1, 64 and 1,024, and a
// fault.
//
//   bench_caller [RECORDS [ROUNDS]]   medians over alternating rounds; CPU is of both processes
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "bench/measure.h"
#include "function/process/child_main.h"
#include "function/process/process_caller.h"
#include "function/thread_caller.h"
#include "plugin/loader.h"
#include "sandbox/zygote_main.h"

namespace eddy::host {
namespace {

using bench::median;
using Clock = std::chrono::steady_clock;

template <typename T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "bench_caller: %s\n", result.error().text.c_str());
  std::exit(1);
}

struct Cost {
  double rate = 0, cpu = 0;  // records per second; CPU seconds per million
};

class Bench {
 public:
  explicit Bench(std::uint64_t records) : records_(records), zygote_(need(Zygote::start())) {
    if (const auto installed = install_guard(); !installed) need(Result<int>(installed.error()));
    folder_ = need(TemporaryFolder::make());
    Loader loader({.state_dir = folder_.path(), .host = host_table()});
    image_ = need(loader.load(need(loader.admit(EDDY_BENCH_PLUGIN, true))));
    guard_ = need(ThreadGuard::of_this_thread());
    for (std::int64_t i = 0; i < 1024; ++i) {
      values_.push_back(R"({"order_id":"o-)" + std::to_string(1'000'000 + i) +
                        R"(","customer":"customer number 77","product":"a thing with a name","status":"confirmed",)"
                        R"("quantity":12,"price":129.95,"gift":false,"placed_at":"2026-11-23T20:15:00.123456Z"})");
      values_.back().reserve(values_.back().size() + 64);
    }
    for (std::size_t i = 0; i < values_.size(); ++i) {
      Record record;
      record.value = Bytes(values_[i]);
      record.offset = static_cast<std::int64_t>(i);
      batch_.push_back(record);
    }
  }

  Cost run(const std::string& function, Placement placement, std::size_t batch) {
    const double cpu = bench::cpu_seconds_of_all();
    const auto binding = bind(function, placement);
    Clock::duration took{};
    {
      std::unique_ptr<FunctionCaller> caller = make(binding);
      const auto begin = Clock::now();
      for (std::uint64_t done = 0; done < records_; done += batch) run_batch(*caller, std::span(batch_).first(batch));
      took = Clock::now() - begin;
    }
    const auto records = static_cast<double>(records_);
    return {records / std::chrono::duration<double>(took).count(), (bench::cpu_seconds_of_all() - cpu) / records * 1e6};
  }

  // Of a record that faults, from its call to its verdict, with the new process that this needs.
  struct FaultCost {
    double us = 0, cpu_us = 0;
  };
  FaultCost fault() {
    std::string bad = "fault";
    bad.reserve(128);
    Record record;
    record.value = Bytes(bad);
    const auto caller = make(bind("fault_some", Placement::kSandbox));
    constexpr int kFaults = 12;  // more at once are slowed down
    const double cpu = bench::cpu_seconds_of_all();
    const auto begin = Clock::now();
    for (int i = 0; i < kFaults; ++i) {
      record.offset = i;
      const Task task{record, {"in", 0, record.offset}, 0};
      static_cast<void>(caller->prepare(task, nullptr));
      if (!need(caller->call()).cause) std::exit(1);
    }
    return {std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / kFaults,
            (bench::cpu_seconds_of_all() - cpu) * 1e6 / kFaults};
  }

 private:
  BindingPtr bind(const std::string& function, Placement placement) {
    auto binding = std::make_shared<Binding>();
    binding->image = image_;
    binding->decl = image_->function(function);
    binding->placement = placement;
    binding->settings.timeout_ms = 60'000;
    binding->destinations.push_back(
        {binding->decl->destination, StreamId{0}, 1, std::size_t{1} << 20, binding->decl->output_model});
    return binding;
  }

  std::unique_ptr<FunctionCaller> make(const BindingPtr& binding) {
    if (binding->placement == Placement::kThread) return need(ThreadCaller::create(binding, *guard_));
    return need(ProcessCaller::create(binding, *zygote_, [] { return false; }));
  }

  void run_batch(FunctionCaller& caller, std::span<const Record> batch) {
    caller.expect(batch);
    for (const Record& record : batch) {
      const Task task{record, {"in", 0, record.offset}, 0};
      if (caller.prepare(task, nullptr) || need(caller.call()).cause || caller.outputs().empty()) std::exit(1);
    }
    caller.expect({});
  }

  const std::uint64_t records_;
  std::unique_ptr<Zygote> zygote_;
  TemporaryFolder folder_;
  ImagePtr image_;
  ThreadGuard* guard_ = nullptr;
  std::vector<std::string> values_;
  std::vector<Record> batch_;
};

void compare(Bench& bench, int rounds, const std::string& function, std::size_t batch) {
  std::vector<double> rates, thread_rates, ratios, cpu, thread_cpu;
  for (int i = 0; i < rounds; ++i) {
    const Cost thread = bench.run(function, Placement::kThread, batch);
    const Cost process = bench.run(function, Placement::kSandbox, batch);
    thread_rates.push_back(thread.rate);
    rates.push_back(process.rate);
    ratios.push_back(process.rate / thread.rate);
    thread_cpu.push_back(thread.cpu);
    cpu.push_back(process.cpu);
  }
  std::printf("%-11s batch %4zu  thread %9.0f/s %6.3f CPU s/M   process %9.0f/s %6.3f CPU s/M   ratio %.2f\n",
              function.c_str(), batch, median(thread_rates), median(thread_cpu), median(rates), median(cpu),
              median(ratios));
}

}  // namespace
}  // namespace eddy::host

int main(int argc, char** argv) {
  using namespace eddy::host;
  if (const auto code = zygote_main(argc, argv, child_main)) return *code;
  configure_log({.level = "warn", .json = false});
  const std::uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  Bench bench(std::max<std::uint64_t>(records / 1024, 1) * 1024);
  for (const char* function : {"raw_copy", "typed_copy"}) {
    for (const std::size_t batch : {std::size_t{1}, std::size_t{64}, std::size_t{1024}}) {
      compare(bench, rounds, function, batch);
    }
  }
  std::vector<double> times, cpu_times;
  for (int i = 0; i < rounds; ++i) {
    const auto [us, cpu_us] = bench.fault();
    times.push_back(us);
    cpu_times.push_back(cpu_us);
  }
  std::printf("a fault, its verdict, and a new process: %.0f us, %.0f us of CPU beside the zygote's\n", median(times),
              median(cpu_times));
}
