// SPDX-License-Identifier: Apache-2.0
#include "cases.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "bench/measure.h"

namespace eddy::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSample{5};

struct Sample {
  std::uint64_t done;
  steady_clock::time_point at;
  double cpu;
};

Sample wait_until(Run& run, std::uint64_t least) {
  for (;;) {
    const std::uint64_t done = run.done();
    if (done >= least) return {done, steady_clock::now(), cpu_seconds()};
    std::this_thread::sleep_for(kSample);
  }
}

void print_ratio(const Case& one, const Case& base) {
  std::vector<double> rates, cpus;
  for (std::size_t i = 0; i < one.rates.size(); ++i) {
    rates.push_back(one.rates[i] / base.rates[i]);
    cpus.push_back(base.cpus[i] / one.cpus[i]);
  }
  std::printf("   %.2f, %.2f of %s", median(rates), median(cpus), base.name.c_str());
}

}  // namespace

void measure(std::vector<Case>& cases, std::uint64_t records, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Case& one : cases) {
      const std::string name = "bench-" + std::to_string(::getpid()) + "-" + std::to_string(round) + "-" +
                               std::to_string(&one - cases.data());
      const std::unique_ptr<Run> run = one.start(name);
      const Sample first = wait_until(*run, 1);
      const Sample last = wait_until(*run, records);
      const auto count = static_cast<double>(last.done - first.done);
      const std::chrono::duration<double> took = last.at - first.at;
      one.rates.push_back(count / took.count());
      one.cpus.push_back((last.cpu - first.cpu) / count * 1e6);
      std::fprintf(stderr, "round %d  %-28s %10.0f/s  %6.3f CPU s/million\n", round + 1, one.name.c_str(),
                   one.rates.back(), one.cpus.back());
    }
  }
}

void print(const std::vector<Case>& cases) {
  std::printf("%-28s %12s %14s   %s\n", "case", "records/s", "CPU s/million",
              "ratio to its baselines (records/s, CPU)");
  for (const Case& one : cases) {
    std::printf("%-28s %12.0f %14.3f", one.name.c_str(), median(one.rates), median(one.cpus));
    for (const Case& base : cases) {
      if (std::ranges::find(one.baselines, base.name) != one.baselines.end()) print_ratio(one, base);
    }
    std::printf("\n");
  }
}

}  // namespace eddy::bench
