// SPDX-License-Identifier: Apache-2.0
// The record path over Kafka, each case beside a bare librdkafka loop in the same run:
//
//   bare, batch        consume by batches, produce by batches: records get new timestamps
//   bare               the same by single calls that keep timestamps, as a host must
//   bare, inlined      with the typed work in the loop: without host, guard or plugin
//   raw, typed         a worker with a plugin's transform
//   typed, N % failing a function that refuses so many of its records by eddy::fail
//
// "once": exactly once, in transactions of 100 ms; the others at least once.
//
//   bench_kafka [--brokers B] [RECORDS [ROUNDS [CASE]]]
//
// Without --brokers it starts a broker of its own. In the environment: UNIT_RECORDS is the size of a unit (10,000),
// QUEUE_KBYTES the host's property queued.max.messages.kbytes.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "bare_loop.h"
#include "base/log.h"
#include "cases.h"
#include "function/call.h"
#include "function/runner.h"
#include "model/encoder.h"
#include "plugin/loader.h"
#include "source.h"
#include "stream/kafka/kafka.h"

namespace eddy::bench {
namespace {

using namespace host;

// What the typed cases do to a record, without a host.
class Inlined {
 public:
  explicit Inlined(const Model& model) : model_(model) {}
  std::string_view operator()(std::string_view value) {
    decoder_.reset();
    text_.clear();
    need(encode(model_, decoder_.decode(model_, value, error_), text_));
    return text_;
  }

 private:
  const Model& model_;
  Decoder decoder_;
  ModelError error_;
  std::string text_;
};

class BareRun final : public Run {
 public:
  explicit BareRun(BareLoop loop) : loop_(std::move(loop)), thread_([this] { run(loop_, done_); }) {}
  ~BareRun() override { thread_.join(); }
  std::uint64_t done() override { return done_; }

 private:
  const BareLoop loop_;
  std::atomic<std::uint64_t> done_{0};
  std::thread thread_;
};

class HostRun final : public Run {
 public:
  HostRun(const WorkerContext& context, const WorkerSpec& spec, const BindingPtr& binding)
      : metrics_("bench", "bench"),
        counters_(metrics_.worker({spec.function, binding->queue, "transform", ""})),
        policies_{Breaker(binding->settings.breaker, context.clock),
                  LetterLimit(binding->settings.limits, context.clock)} {
    slot_.publish(binding);
    worker_ = std::make_unique<Worker>(context, slot_, policies_, spec, counters_);
  }
  ~HostRun() override {
    slot_.stop();
    worker_->wake();
  }

  std::uint64_t done() override {
    std::uint64_t sum = 0;
    for (const Count& outcome : counters_->outcomes) sum += outcome.get();
    return sum;
  }

 private:
  Metrics metrics_;
  const std::shared_ptr<WorkerCounters> counters_;
  Slot slot_;
  FunctionPolicies policies_;
  std::unique_ptr<Worker> worker_;
};

class Bench {
 public:
  Bench(const std::string& brokers, std::uint64_t records, std::size_t unit_records)
      : brokers_(brokers), records_(records), unit_records_(unit_records) {
    need(install_guard());
    folder_ = need(TemporaryFolder::make());
    KafkaOptions options;
    options.brokers = brokers;
    options.host_id = "bench";
    if (const char* kbytes = std::getenv("QUEUE_KBYTES")) options.properties["queued.max.messages.kbytes"] = kbytes;
    transport_ = need(open_kafka(options));
    journal_ = need(Journal::open(folder_.path() + "/journal"));
    context_ = std::make_unique<const WorkerContext>(
        WorkerContext{*transport_, *journal_, clock_, [](const Binding&, bool) {}});
    Loader loader({folder_.path(), host_table()});
    image_ = need(loader.load(need(loader.admit(EDDY_BENCH_PLUGIN, true))));
    in_ = "bench-in-" + std::to_string(records);
    for (const std::string& name : {in_, std::string("bench-out"), std::string("bench-dlq")}) {
      need(transport_->ensure_stream({name, 1, 1}));
    }
    if (need(transport_->positions("bench", in_)).front().end < static_cast<std::int64_t>(records)) {
      feed(*transport_, in_, records);
    }
  }

  void run(std::string_view only) {
    std::vector<Case> cases;
    for (const bool once : {false, true}) add_cases(cases, once);
    const bool whole = std::ranges::find(cases, only, &Case::name) != cases.end();  // else a part of the name
    std::erase_if(cases,
                  [&](const Case& one) { return whole ? one.name != only : one.name.find(only) == one.name.npos; });
    measure(cases, records_, rounds);
    print(cases);
  }

  int rounds = 5;

 private:
  void add_cases(std::vector<Case>& cases, bool once) {
    const auto name = [&](const std::string& text) { return once ? text + ", once" : text; };
    const auto with_other = [&](const std::string& text, std::string base) {
      std::vector<std::string> baselines{name(std::move(base))};
      if (once) baselines.push_back(text);
      return baselines;
    };
    const auto add = [&](const std::string& text, std::vector<std::string> baselines, auto start) {
      cases.push_back({name(text), std::move(baselines), std::move(start)});
    };
    add("bare, batch", {}, [=, this](const std::string& run) { return bare(run, once, false, false); });
    add("bare", {name("bare, batch")}, [=, this](const std::string& run) { return bare(run, once, true, false); });
    add("raw", with_other("raw", "bare"), [=, this](const std::string& run) { return host(run, once, "raw_copy"); });
    cases.back().baselines.push_back(name("bare, batch"));
    add("bare, inlined", {name("bare")}, [=, this](const std::string& run) { return bare(run, once, true, true); });
    add("typed", with_other("typed", "bare, inlined"),
        [=, this](const std::string& run) { return host(run, once, "typed_copy"); });
    add("typed, 1 % failing", {name("typed")},
        [=, this](const std::string& run) { return host(run, once, "fail_some"); });
    add("typed, 100 % failing", {name("typed")},
        [=, this](const std::string& run) { return host(run, once, "fail_all"); });
  }

  std::unique_ptr<Run> bare(const std::string& run, bool once, bool timestamps, bool typed) {
    BareLoop loop;
    loop.brokers = brokers_;
    loop.from = in_;
    loop.to = "bench-out";
    loop.group = run;
    loop.exactly_once = once;
    loop.keeps_timestamps = timestamps;
    if (typed) {
      const auto work = std::make_shared<Inlined>(*image_->function("typed_copy")->input_model);
      loop.work = [work](std::string_view value) { return (*work)(value); };
    }
    loop.records = records_;
    loop.unit_records = unit_records_;
    return std::make_unique<BareRun>(std::move(loop));
  }

  std::unique_ptr<Run> host(const std::string& run, bool once, const std::string& function) {
    const FunctionDecl* decl = image_->function(function);
    auto binding = std::make_shared<Binding>();
    binding->image = image_;
    binding->decl = decl;
    binding->settings.unit_records = static_cast<std::uint32_t>(unit_records_);
    const StreamId out = need(transport_->find_stream("bench-out"));
    binding->destinations.push_back({decl->destination, out, 1, transport_->max_record_bytes(out), decl->output_model});
    binding->queue = "bench-dlq";
    binding->queue_id = binding->parked_id = need(transport_->find_stream("bench-dlq"));
    binding->queue_options.max_record_bytes = transport_->max_record_bytes(binding->queue_id);
    WorkerSpec spec;
    spec.function = run;
    spec.session.group = group_of(run);
    spec.session.stream = in_;
    spec.session.delivery = once ? Delivery::kExactlyOnce : Delivery::kAtLeastOnce;
    return std::make_unique<HostRun>(*context_, spec, std::move(binding));
  }

  const std::string brokers_;
  const std::uint64_t records_;
  const std::size_t unit_records_;
  std::string in_;
  TemporaryFolder folder_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Journal> journal_;
  ImagePtr image_;
  const SystemClock clock_;
  std::unique_ptr<const WorkerContext> context_;
};

}  // namespace
}  // namespace eddy::bench

int main(int argc, char** argv) {
  using namespace eddy;
  std::string brokers;
  if (argc > 2 && std::strcmp(argv[1], "--brokers") == 0) {
    brokers = argv[2];
    argv += 2;
    argc -= 2;
  }
  const std::uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) / 10'000 * 10'000 : 1'000'000;
  const char* unit = std::getenv("UNIT_RECORDS");
  const std::size_t unit_records = unit != nullptr ? std::strtoull(unit, nullptr, 10) : 10'000;
  host::configure_log({.level = "error", .json = false});
  std::unique_ptr<bench::OwnBroker> own;
  if (brokers.empty()) {
    own = std::make_unique<bench::OwnBroker>();
    brokers = own->brokers();
  }
  bench::Bench bench(brokers, std::max<std::uint64_t>(records, 10'000), std::max<std::size_t>(unit_records, 1));
  if (argc > 2) bench.rounds = std::max(std::atoi(argv[2]), 1);
  bench.run(argc > 3 ? argv[3] : "");
}
