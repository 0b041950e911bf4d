// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "base/clock.h"

namespace eddy::bench {

using namespace host;

namespace {

std::string running;  // its folder

void kill_broker() {
  const std::string kill = std::string(EDDY_BROKER) + " kill " + running;
  if (std::system(kill.c_str()) != 0) std::fprintf(stderr, "bench_kafka: the broker still runs: %s\n", kill.c_str());
}

}  // namespace

void die(const std::string& text) {
  std::fprintf(stderr, "bench_kafka: %s\n", text.c_str());
  if (!running.empty()) kill_broker();
  std::exit(1);
}

// Outputs pile up over the rounds: old ones are deleted.
OwnBroker::OwnBroker() : folder_(need(TemporaryFolder::make())) {
  const std::string start = std::string(EDDY_BROKER) + " start " + folder_.path() +
                            "/broker --config log.retention.bytes=1073741824 log.segment.bytes=134217728"
                            " log.segment.delete.delay.ms=1000 >/dev/null";
  running = folder_.path() + "/broker";
  if (std::system(start.c_str()) != 0) die("the broker did not start: " + start);
}

OwnBroker::~OwnBroker() {
  kill_broker();
  running.clear();
}

std::string OwnBroker::brokers() const {
  std::ifstream file(folder_.path() + "/broker/bootstrap");
  std::string brokers;
  std::getline(file, brokers);
  return brokers;
}

void feed(Transport& transport, const std::string& stream, std::uint64_t records) {
  constexpr std::uint64_t kAtOnce = 10'000;
  const StreamId id = need(transport.find_stream(stream));
  std::vector<std::string> values;
  std::vector<OutRecord> out;
  for (std::uint64_t i = 0; i < kAtOnce; ++i) {
    values.push_back(R"({"order_id":"o-)" + std::to_string(1'000'000 + i) + R"(","customer":"customer number )" +
                     std::to_string(i % 977) + R"(","product":"a thing with a name","status":"confirmed","quantity":)" +
                     std::to_string(i % 90 + 10) +
                     R"(,"price":129.95,"gift":false,"placed_at":"2026-11-23T20:15:00.123456Z"})");
  }
  const std::int64_t now = SystemClock().now_us();
  for (const std::string& value : values) out.push_back({Bytes(), Bytes(value), {}, now, 0});
  for (std::uint64_t done = 0; done < records; done += kAtOnce) need(transport.append(id, out));
}

}  // namespace eddy::bench
