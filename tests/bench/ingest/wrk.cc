// SPDX-License-Identifier: Apache-2.0
#include "wrk.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "bench/turns.h"

namespace eddy::bench {

Measured run_wrk(const Load& load) {
  const std::string command =
      fmt::format("exec wrk -t 1 -c {} -d {} --latency -s '{}' '{}' -- {} {} {}", load.connections, load.seconds,
                  EDDY_BENCH_RECORDS, load.url, load.batch, load.lines ? "lines" : "array", load.invalid);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output(::popen(command.c_str(), "r"), &::pclose);
  if (output == nullptr) die("bench_ingest: cannot start wrk");
  Measured measured;
  unsigned long long requests = 0, refused = 0, broken = 0;
  double p50_us = 0, p99_us = 0;
  bool found = false;
  char line[512];
  while (std::fgets(line, sizeof line, output.get()) != nullptr) {
    found |= std::sscanf(line, "figures %llu %lf %lf %lf %llu %llu", &requests, &measured.seconds, &p50_us, &p99_us,
                         &refused, &broken) == 6;
  }
  if (!found) die("bench_ingest: wrk gave no figures; is the package wrk installed?");
  if (broken > 0) die(fmt::format("bench_ingest: {} socket errors at {}", broken, load.url));
  measured.requests = requests;
  measured.refused = refused;
  measured.p50_ms = p50_us / 1000;
  measured.p99_ms = p99_us / 1000;
  return measured;
}

}  // namespace eddy::bench
