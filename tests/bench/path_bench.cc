// SPDX-License-Identifier: Apache-2.0
// The whole record path on the embedded store, each case beside its baseline in the same run:
//
//   copy loop          poll, write, end, commit: the store alone
//   inlined            the same with decode and encode in the loop: the typed work without host, guard or plugin
//   raw, typed         a worker with a plugin's transform, called in the worker's thread
//   raw, typed process the same, called in a worker process
//   eddy::fail, throw  a worker whose function refuses every record
//
//   bench_path [RECORDS [ROUNDS [CASE]]]   medians over alternating rounds, of the cases that have CASE in their names
//                                          (process: with their baselines); CPU is of all processes
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "bench/measure.h"
#include "function/call.h"
#include "function/process/child_main.h"
#include "function/runner.h"
#include "model/encoder.h"
#include "plugin/loader.h"
#include "sandbox/zygote_main.h"
#include "stream/embedded/embedded.h"

namespace eddy::host {
namespace {

using bench::cpu_seconds_of_all;
using bench::median;

template <typename T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "bench_path: %s\n", result.error().text.c_str());
  std::exit(1);
}
void need(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "bench_path: %s\n", result.error().text.c_str());
  std::exit(1);
}

struct Case {
  const char* name;
  const char* baseline;                // name of the case it is compared with; empty: none
  std::function<void(int round)> run;  // all records, once
  std::vector<double> rates{}, cpus{};
};

class Bench {
 public:
  Bench(std::uint64_t records, int rounds) : records_(records), rounds_(rounds) {
    zygote_ = need(Zygote::start());
    need(install_guard());
    folder_ = need(TemporaryFolder::make());
    store_ = need(open_embedded({.data_dir = folder_.path()}));
    journal_ = need(Journal::open(folder_.path() + "/journal"));
    Loader loader({folder_.path(), host_table()});
    image_ = need(loader.load(need(loader.admit(EDDY_BENCH_PLUGIN, true))));
    for (const char* name : {"in", "typed_in", "out", "typed_out", "dlq"}) need(store_->ensure_stream({name, 1, 0}));
    feed("in");
    feed("typed_in");
  }

  void run(std::string_view only) {
    std::vector<Case> cases = {
        {"copy loop", "", [&](int round) { loop(round, "copy", false); }},
        {"raw transform", "copy loop", [&](int round) { worker("raw_copy", round); }},
        {"inlined", "", [&](int round) { loop(round, "inlined", true); }},
        {"typed transform", "inlined", [&](int round) { worker("typed_copy", round); }},
        {"raw process", "raw transform", [&](int round) { worker("raw_copy", round, Placement::kSandbox); }},
        {"typed process", "typed transform", [&](int round) { worker("typed_copy", round, Placement::kSandbox); }},
        {"100 % eddy::fail", "typed transform", [&](int round) { worker("fail_all", round); }},
        {"100 % thrown", "typed transform", [&](int round) { worker("throw_all", round); }},
    };
    keep(cases, only);
    for (int round = 0; round < rounds_; ++round) {
      for (Case& one : cases) measure(one, round);
    }
    std::printf("%-18s %14s %16s   %s\n", "case", "records/s", "CPU s/million",
                "ratio to its baseline (records/s, CPU)");
    for (const Case& one : cases) print(one, cases);
  }

 private:
  // Those whose names have `only` in them, and their baselines.
  static void keep(std::vector<Case>& cases, std::string_view only) {
    std::set<std::string_view> kept;
    for (const Case& one : cases) {
      if (std::string_view(one.name).find(only) == std::string_view::npos) continue;
      kept.insert(one.name);
      kept.insert(one.baseline);
    }
    std::erase_if(cases, [&](const Case& one) { return !kept.contains(one.name); });
  }

  void feed(const char* stream) {
    const StreamId id = need(store_->find_stream(stream));
    std::vector<std::string> values;
    std::vector<OutRecord> out;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      values.push_back(
          R"({"order_id":"o-)" + std::to_string(1'000'000 + i) + R"(","customer":"customer number )" +
          std::to_string(i % 977) + R"(","product":"a thing with a name","status":"confirmed","quantity":)" +
          std::to_string(i % 90 + 10) + R"(,"price":129.95,"gift":false,"placed_at":"2026-11-23T20:15:00.123456Z"})");
    }
    for (const std::string& value : values) out.push_back({Bytes(), Bytes(value), {}, 1, {}});
    for (std::uint64_t done = 0; done < records_; done += out.size()) need(store_->append(id, out));
  }

  void measure(Case& one, int round) {
    const double cpu = cpu_seconds_of_all();
    const auto start = std::chrono::steady_clock::now();
    one.run(round);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    one.rates.push_back(static_cast<double>(records_) / took.count());
    one.cpus.push_back((cpu_seconds_of_all() - cpu) / static_cast<double>(records_) * 1e6);
  }

  static void print(const Case& one, const std::vector<Case>& cases) {
    std::printf("%-18s %14.0f %16.3f", one.name, median(one.rates), median(one.cpus));
    for (const Case& base : cases) {
      if (std::string_view(base.name) != one.baseline) continue;
      std::vector<double> rates, cpus;  // of each round: a pair ran one after the other on the same machine
      for (std::size_t i = 0; i < one.rates.size(); ++i) {
        rates.push_back(one.rates[i] / base.rates[i]);
        cpus.push_back(base.cpus[i] / one.cpus[i]);
      }
      std::printf("   %.2f, %.2f of %s", median(rates), median(cpus), base.name);
    }
    std::printf("\n");
  }

  // The store by hand: what no host can be faster than.
  void loop(int round, const std::string& name, bool typed) {
    const std::string source = typed ? "typed_in" : "in";
    const auto session = need(store_->open_session({name + std::to_string(round), source, 0, 1}));
    const StreamId out = need(store_->find_stream(typed ? "typed_out" : "out"));
    const Model& model = *image_->function("typed_copy")->input_model;
    Decoder decoder;
    std::string text;
    ModelError error;
    for (std::uint64_t done = 0; done < records_;) {
      const auto batch = need(session->poll(std::chrono::milliseconds(100), FunctionSettings{}.unit_records));
      for (const Record& record : batch) {
        Bytes value = record.value;
        if (typed) {
          decoder.reset();
          text.clear();
          need(encode(model, decoder.decode(model, value.view(), error), text));
          value = Bytes(text);
        }
        need(session->write(out, {record.key, value, record.headers, record.timestamp_us, {}}));
        session->end(record, Outcome::kDelivered);
      }
      need(session->commit());
      done += batch.size();
    }
  }

  void worker(const std::string& function, int round, Placement placement = Placement::kThread) {
    const FunctionDecl* decl = image_->function(function);
    auto binding = std::make_shared<Binding>();
    binding->image = image_;
    binding->decl = decl;
    binding->placement = placement;
    const StreamId out = need(store_->find_stream(decl->destination));
    binding->destinations.push_back({decl->destination, out, 1, store_->max_record_bytes(out), decl->output_model});
    binding->queue = "dlq";
    binding->queue_id = binding->parked_id = need(store_->find_stream("dlq"));
    binding->queue_options.max_record_bytes = store_->max_record_bytes(binding->queue_id);
    Metrics metrics("bench", "bench");
    const WorkerContext context{*store_, *journal_, clock_, [](const Binding&, bool) {}, zygote_.get()};
    const std::string group = function + (placement == Placement::kThread ? "" : "_process") + std::to_string(round);
    Runner runner(context, metrics, {group, decl->source, 1, false, false, false, "dlq"}, binding);
    while (committed(group, decl->source) < records_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::uint64_t committed(const std::string& function, const std::string& source) {
    return static_cast<std::uint64_t>(need(store_->positions(group_of(function), source)).front().committed);
  }

  const std::uint64_t records_;
  const int rounds_;
  std::unique_ptr<Zygote> zygote_;
  TemporaryFolder folder_;
  std::unique_ptr<Transport> store_;
  std::unique_ptr<Journal> journal_;
  ImagePtr image_;
  const SystemClock clock_;
};

}  // namespace
}  // namespace eddy::host

int main(int argc, char** argv) {
  if (const auto code = eddy::host::zygote_main(argc, argv, eddy::host::child_main)) return *code;
  const std::uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) / 10'000 * 10'000 : 1'000'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  eddy::host::configure_log({.level = "error", .json = false});
  eddy::host::Bench(std::max<std::uint64_t>(records, 10'000), std::max(rounds, 1)).run(argc > 3 ? argv[3] : "");
}
