// SPDX-License-Identifier: Apache-2.0
// The host whole: every part is made, wired and ended here.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/server.h"
#include "base/clock.h"
#include "function/worker.h"
#include "guard/journal.h"
#include "metrics/metrics.h"
#include "plugin/registry.h"
#include "plugin/watcher.h"
#include "push/pusher.h"
#include "redrive/redrives.h"
#include "runtime/apis.h"
#include "runtime/bindings.h"
#include "runtime/config_watch.h"
#include "runtime/feeds.h"
#include "runtime/functions.h"
#include "runtime/host_view.h"
#include "runtime/plugin_life.h"
#include "runtime/rates.h"
#include "runtime/requests.h"
#include "runtime/service_manager.h"
#include "runtime/standing.h"
#include "runtime/survey.h"
#include "runtime/triage_indexer.h"
#include "runtime/triage_masks.h"
#include "runtime/try/try_jobs.h"
#include "sandbox/zygote.h"
#include "settings/settings.h"
#include "stream/transport.h"
#include "webhook/webhooks.h"

namespace eddy::host {

struct RuntimeOptions {
  bool until_idle = false;  // end by itself once every function has reached the end of its source
  // Reads the configuration again, for reload(); an error leaves what runs alone.
  std::function<Result<Settings>()> reload_settings;
};

// Lives on the control thread: one loop that takes one event after another. Workers only report.
class Runtime {
 public:
  // Opens the store, the journal, the plugin directory and the admin listener, in this request. Nothing runs yet.
  static Result<std::unique_ptr<Runtime>> open(Settings settings, RuntimeOptions options);
  ~Runtime();

  // Runs until stop(), or until idle. Returns when every worker has committed and ended; an error when some worker
  // could not be ended in time (its unit is not committed: nothing is lost).
  Result<void> run();

  void stop();    // [any thread]
  void reload();  // [any thread] the configuration

  std::string admin_url() const { return (settings_.admin.tls.enabled() ? "https://" : "http://") + admin_->address(); }

 private:
  Runtime(Settings settings, RuntimeOptions options);
  Result<void> open_parts();
  Result<void> open_redrives();
  Result<void> open_admin();
  void serve_admin();
  Result<std::unique_ptr<TriageIndex>> open_index() const;  // [any thread] after open_parts has begun
  void start_indexer();
  void serve_triage();
  void tell_others();
  void report(PluginFault fault);  // [any thread]

  std::chrono::milliseconds tick() const;
  void step();
  void scan(const std::vector<FileStamp>& stamps);
  bool handle_faults();
  void handle_requests();
  void reload_now();
  Result<void> take_settings();
  Result<void> admit_operators(AdminSettings fresh);
  void watch_config();
  void load_what_is_needed_now();
  void apply();
  void show_troubles(HostView& view);
  void publish_view();
  void keep_house();
  bool idle();
  Result<void> drain();
  void prepare_restart();
  void excuse_calls(bool tainted);
  void tell_of_the_end(bool tainted);
  Error unfinished() const;

  Settings settings_;
  std::uint64_t settings_version_ = 1;
  std::shared_ptr<const Settings> shown_settings_;  // a copy for the view; null: to be made anew
  const RuntimeOptions options_;
  const SystemClock clock_;
  ServiceManager service_{clock_};

  std::unique_ptr<Zygote> zygote_;  // first: it ends last
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Journal> journal_;
  Metrics metrics_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<Watcher> watcher_;
  HostViewBox view_;
  std::unique_ptr<const WorkerContext> context_;
  std::unique_ptr<Functions> functions_;
  std::unique_ptr<Feeds> feeds_;
  std::unique_ptr<Apis> apis_;
  std::unique_ptr<PluginLife> life_;
  bool applied_ = false;   // the topology is what runs
  bool troubled_ = false;  // some function does not process records
  std::chrono::steady_clock::time_point last_apply_;
  std::map<std::string, std::string> apply_errors_;  // by what is not
  std::vector<Standing> last_standings_;             // of idle()
  std::chrono::steady_clock::time_point last_retention_;

  std::mutex events_mutex_;
  std::deque<PluginFault> faults_;
  bool stop_ = false;
  bool reload_ = false;
  bool bind_again_ = false;  // there is a stream that was not there before
  Requests requests_{[this] { watcher_->wake(); }};

  std::unique_ptr<ConfigWatch> config_watch_;
  MasksInForce masks_;
  Settings index_settings_;  // where the index is; stays what it is as long as the process
  std::unique_ptr<TriageIndexer> indexer_;
  std::unique_ptr<Survey> survey_;
  Rates rates_;
  std::unique_ptr<Redrives> redrives_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<push::Pusher> pusher_;
  std::unique_ptr<webhook::Webhooks> webhooks_;
  std::unique_ptr<TryJobs> tries_;
  std::unique_ptr<AdminServer> admin_;  // last: its thread reads what is above
};

}  // namespace eddy::host
