// SPDX-License-Identifier: Apache-2.0
// The ingest API beside a bare Boost.Beast handler in the same run, both driven by wrk:
//
//   bare           parses the body by simdjson and answers 200
//   bare, durable  the same, answers when the records are durable in the embedded store: one append for all that wait
//   eddy           an ingest API of a plugin, over the embedded store, wired as the host wires it
//
//   bench_ingest [SECONDS [ROUNDS [CASE]]]
//
// In the environment: CONNECTIONS (64) of wrk; TMPDIR is where the stores are: on a tmpfs an fsync costs nothing, and
// what is left is the work.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "bare_server.h"
#include "base/log.h"
#include "base/temporary_folder.h"
#include "bench/turns.h"
#include "function/call.h"
#include "guard/guard.h"
#include "plugin/loader.h"
#include "runtime/apis.h"
#include "stream/embedded/embedded.h"
#include "wrk.h"

namespace eddy::bench {
namespace {

using namespace host;

const std::vector<Column> kColumns = {{"requests/s", 11, 0},
                                      {"records/s", 11, 0, true},
                                      {"CPU s/million", 13, 3, true, true},
                                      {"p50 ms", 8, 2},
                                      {"p99 ms", 8, 2}};

// A plugin's API over a store of its own.
class Host {
 public:
  explicit Host(const ImagePtr& image) : folder_(need(TemporaryFolder::make())), metrics_("bench", "bench") {
    store_ = need(open_embedded({.data_dir = folder_.path()}));
    Settings settings;
    settings.ingest.listen = "127.0.0.1:" + std::to_string(free_port());
    MergeResult merged = merge({image});
    for (const Error& error : merged.errors) die(error.text);
    const Bindings bindings = need(bind_functions(merged.topology, settings, 1, {}, IsolatedPlugins(""), *store_));
    apis_ = std::make_unique<Apis>(*store_, clock_, metrics_, [](const Image&) {});
    for (const auto& [route, error] : apis_->apply(merged.topology, settings, bindings, {image})) die(error);
    url_ = "http://" + settings.ingest.listen + "/ingest/orders";
  }
  const std::string& url() const { return url_; }

 private:
  // One that was free a moment ago.
  static std::uint16_t free_port() { return BareServer().port(); }

  TemporaryFolder folder_;
  std::unique_ptr<Transport> store_;
  const SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<Apis> apis_;
  std::string url_;
};

Figures measure(const Load& load, bool refuses) {
  const double cpu = cpu_seconds();
  const Measured measured = run_wrk(load);
  const double records = static_cast<double>(measured.requests) * load.batch;
  const double share = static_cast<double>(measured.refused) / static_cast<double>(measured.requests);
  const double expected = refuses && load.batch == 1 ? load.invalid / 100.0 : 0;
  if (std::abs(share - expected) > 0.02) die("bench_ingest: requests were refused at " + load.url);
  return {static_cast<double>(measured.requests) / measured.seconds, records / measured.seconds,
          (cpu_seconds() - cpu) / records * 1e6, measured.p50_ms, measured.p99_ms};
}

std::string url_of(const BareServer& server) { return "http://127.0.0.1:" + std::to_string(server.port()) + "/"; }

Figures bare(Load load) {
  const BareServer server;
  load.url = url_of(server);
  return measure(load, false);
}

Figures bare_durable(Load load) {
  const TemporaryFolder folder = need(TemporaryFolder::make());
  const auto store = need(open_embedded({.data_dir = folder.path()}));
  const BareServer server(store.get(), need(store->ensure_stream({"orders", 1, 7})));
  load.url = url_of(server);
  return measure(load, false);
}

Figures eddy(Load load, const ImagePtr& image) {
  const Host host(image);
  load.url = host.url();
  return measure(load, true);
}

ImagePtr load_plugin(const TemporaryFolder& folder) {
  need(install_guard());
  Loader loader({folder.path(), host_table()});
  return need(loader.load(need(loader.admit(EDDY_BENCH_PLUGIN, true))));
}

std::vector<Turn> make_turns(const Load& load, const ImagePtr& image) {
  struct Body {
    const char* name;
    int batch;
    bool lines;
    int invalid;
  };
  std::vector<Turn> turns;
  for (const Body& body : {Body{"single", 1, false, 0}, Body{"single, 10 % invalid", 1, false, 10},
                           Body{"array", 100, false, 0}, Body{"array, 10 % invalid", 100, false, 10},
                           Body{"lines", 100, true, 0}, Body{"lines, 10 % invalid", 100, true, 10}}) {
    Load own = load;
    own.batch = body.batch;
    own.lines = body.lines;
    own.invalid = body.invalid;
    const std::string name = body.name;
    turns.push_back({name + ": bare", {}, [=] { return bare(own); }});
    turns.push_back({name + ": bare, durable", {name + ": bare"}, [=] { return bare_durable(own); }});
    turns.push_back({name + ": eddy", {name + ": bare", name + ": bare, durable"}, [=] { return eddy(own, image); }});
  }
  return turns;
}

}  // namespace
}  // namespace eddy::bench

int main(int argc, char** argv) {
  using namespace eddy;
  host::configure_log({.level = "error", .json = false});
  bench::Load load;
  if (argc > 1) load.seconds = std::max(std::atoi(argv[1]), 1);
  const char* connections = std::getenv("CONNECTIONS");
  load.connections = connections != nullptr ? std::max(std::atoi(connections), 1) : 64;
  const host::TemporaryFolder folder = bench::need(host::TemporaryFolder::make());
  std::vector<bench::Turn> turns = bench::make_turns(load, bench::load_plugin(folder));
  bench::take_turns(turns, argc > 3 ? argv[3] : "", argc > 2 ? std::max(std::atoi(argv[2]), 1) : 5);
  bench::print(turns, bench::kColumns);
}
