// SPDX-License-Identifier: Apache-2.0
// What a worker process costs: making one, and messages of 256 bytes to it and back, beside two copies in this process.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sandbox/channel.h"
#include "sandbox/child_channel.h"
#include "sandbox/confine.h"
#include "sandbox/zygote.h"

namespace {

using namespace eddy::host;
using namespace std::chrono_literals;

constexpr std::size_t kMessage = 256;
constexpr std::size_t kRing = std::size_t{1} << 20;

int echo(ChildRole /*role*/, const std::string& payload, std::span<const int> fds) {
  auto channel = ChildChannel::open(fds[0], fds[1]);
  if (!channel || !confine({.sandboxed = payload == "sandboxed", .memory_bytes = std::size_t{256} << 20})) return 1;
  while (true) {
    const auto message = (*channel)->next();
    if (!message || message->empty()) return message ? 0 : 1;
    std::memcpy((*channel)->reserve(message->size()), message->data(), message->size());
    (*channel)->commit(message->size());
    (*channel)->release();
    if (!(*channel)->ready()) (*channel)->publish();  // a batch is answered as one
  }
}

template <typename T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text.c_str());
  std::exit(1);
}

Zygote& zygote() {
  static const std::unique_ptr<Zygote> one = must(Zygote::start());
  return *one;
}

struct Peer {
  explicit Peer(const char* how) : channel(must(Channel::create(kRing, kRing))) {
    const auto fds = channel->fds();
    process =
        must(zygote().spawn({.role = ChildRole::kWorker, .name = "bench", .payload = how, .fds = {fds[0], fds[1]}},
                            [c = channel.get()] { c->interrupt(); }));
  }

  void round_trip(const char* in, char* out, std::size_t batch) {
    for (std::size_t i = 0; i < batch; ++i) {
      std::memcpy(channel->reserve(kMessage), in, kMessage);
      channel->commit(kMessage);
    }
    channel->publish();
    for (std::size_t heard = 0; heard < batch;) {
      if (channel->wait(10s) != Channel::Wake::kMessage) std::exit(1);
      for (auto message = must(channel->next()); !message.empty(); message = must(channel->next()), ++heard) {
        std::memcpy(out, message.data(), kMessage);
        channel->release();
      }
    }
  }

  std::unique_ptr<Channel> channel;
  ChildProcess process;
};

void round_trip(benchmark::State& state) {
  Peer peer("sandboxed");
  const auto batch = static_cast<std::size_t>(state.range(0));
  const std::string in(kMessage, 'x');
  std::string out(kMessage, ' ');
  for (auto _ : state) peer.round_trip(in.data(), out.data(), batch);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(round_trip)->Arg(1)->Arg(64)->Arg(1024)->UseRealTime()->MeasureProcessCPUTime();

void copies(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const std::string in(kMessage, 'x');
  std::string out(kMessage, ' ');
  std::string between(kMessage, ' ');
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch; ++i) {
      std::memcpy(between.data(), in.data(), kMessage);
      benchmark::DoNotOptimize(between.data());
      std::memcpy(out.data(), between.data(), kMessage);
      benchmark::DoNotOptimize(out.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(copies)->Arg(1)->Arg(64)->Arg(1024);

// From the request to the first answer, and from there to the child's end.
void spawn(benchmark::State& state, const char* how) {
  const std::string in(kMessage, 'x');
  std::string out(kMessage, ' ');
  std::vector<double> times;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    Peer peer(how);
    peer.round_trip(in.data(), out.data(), 1);
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    state.SetIterationTime(times.back() / 1e6);
  }
  std::sort(times.begin(), times.end());
  state.counters["p50_us"] = times[times.size() / 2];
  state.counters["p99_us"] = times[times.size() * 99 / 100];
  state.counters["max_us"] = times.back();
}
BENCHMARK_CAPTURE(spawn, contained, "contained")->UseManualTime()->Iterations(1000);
BENCHMARK_CAPTURE(spawn, sandboxed, "sandboxed")->UseManualTime()->Iterations(1000);

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = zygote_main(argc, argv, echo)) return *code;
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
