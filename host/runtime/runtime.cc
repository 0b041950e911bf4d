// SPDX-License-Identifier: Apache-2.0
#include "runtime/runtime.h"

#include <filesystem>

#include "base/log.h"
#include "guard/guard.h"
#include "http/tls.h"
#include "runtime/health_api.h"
#include "runtime/open_transport.h"
#include "runtime/redaction.h"
#include "runtime/triage.h"
#include "runtime/trust.h"
#include "runtime/version.h"
#include "settings/admin_rules.h"

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr std::chrono::milliseconds kIdleTick{20};
constexpr std::chrono::minutes kRetentionEvery{1};
// Longer than a step of the control thread takes: it is to notice the fault and drain.
constexpr std::chrono::seconds kTaintedTime{15};
// A topic that was missing may have been made, a limit may have changed.
constexpr std::chrono::seconds kApplyAgainEvery{10};
constexpr std::chrono::milliseconds kApplySoon{900};

}  // namespace

Runtime::Runtime(Settings settings, RuntimeOptions options)
    : settings_(std::move(settings)), options_(std::move(options)), metrics_(kVersion, kRevision) {}

Runtime::~Runtime() {
  config_watch_.reset();
  admin_.reset();
  redrives_.reset();
  tries_.reset();
  webhooks_.reset();
  pusher_.reset();
  apis_.reset();
  functions_.reset();
  feeds_.reset();
}

Result<std::unique_ptr<Runtime>> Runtime::open(Settings settings, RuntimeOptions options) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(settings), std::move(options)));
  EDDY_TRY(runtime->open_parts());
  return runtime;
}

void Runtime::report(PluginFault fault) {
  {
    const std::lock_guard lock(events_mutex_);
    faults_.push_back(std::move(fault));
  }
  watcher_->wake();
}

void Runtime::stop() {
  {
    const std::lock_guard lock(events_mutex_);
    stop_ = true;
  }
  watcher_->wake();
}

void Runtime::reload() {
  {
    const std::lock_guard lock(events_mutex_);
    reload_ = true;
  }
  watcher_->wake();
}

Result<void> Runtime::run() {
  restart_when_tainted(kTaintedTime);
  if (const auto stamps = watcher_->list()) {
    scan(*stamps);
  } else {
    return stamps.error();
  }
  if (!applied_) apply();
  service_.ready(status_of(*view_.get()));
  for (;;) {
    publish_view();
    service_.status(status_of(*view_.get()));
    service_.alive();
    if (process_tainted() || (options_.until_idle && idle())) break;
    const auto stamps = watcher_->wait(tick());
    if (process_tainted()) break;  // before anything is loaded: what faulted is told to the next process by drain()
    {
      const std::lock_guard lock(events_mutex_);
      if (stop_) break;
    }
    if (stamps) {
      scan(*stamps);
    } else {
      log_limited(LogLevel::kError, "plugins", "watch", stamps.error().text);
    }
    step();
  }
  return drain();
}

// How long the control thread may wait for an event.
std::chrono::milliseconds Runtime::tick() const {
  std::chrono::milliseconds longest = options_.until_idle ? kIdleTick : kTick;
  if (const auto every = service_.every()) {
    longest = std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(*every), 1ms, longest);
  }
  const auto next = life_->next_tending();
  if (!next) return longest;
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.steady()), 0ms, longest);
}

void Runtime::step() {
  functions_->tend();
  const bool faulted = handle_faults();
  handle_requests();
  bool reload = false, bind_again = false;
  {
    const std::lock_guard lock(events_mutex_);
    std::swap(reload, reload_);
    std::swap(bind_again, bind_again_);
  }
  if (life_->tend(settings_) || faulted || bind_again) apply();
  if (reload) reload_now();
  const auto since = clock_.steady() - last_apply_;
  if ((!applied_ && since > kApplySoon) || (troubled_ && since > kApplyAgainEvery)) apply();
  keep_house();
}

void Runtime::scan(const std::vector<FileStamp>& stamps) {
  if (life_->scan(stamps, settings_)) apply();
}

bool Runtime::handle_faults() {
  bool changed = false;
  for (;;) {
    PluginFault fault;
    {
      const std::lock_guard lock(events_mutex_);
      if (faults_.empty()) return changed;
      fault = std::move(faults_.front());
      faults_.pop_front();
    }
    changed |= life_->fault(fault, settings_);
  }
}

// Each is answered when what it asked for is what runs.
void Runtime::handle_requests() {
  while (auto request = requests_.next()) {
    const auto done =
        request->kind == Request::Kind::kRelease ? life_->release(request->plugin) : life_->roll_back(request->plugin);
    if (done) apply();
    request->answer.set_value(done);
    watcher_->wake();
  }
}

void Runtime::reload_now() {
  if (!options_.reload_settings) return;
  service_.reloading("reading the configuration again");
  const auto taken = take_settings();
  if (taken) {
    watch_config();
    watcher_->wake();  // what was refused for its signature may be good now
    apply();
  }
  metrics_.config_reload(taken.ok());  // told when it holds
  service_.ready(taken ? "the configuration was taken" : "the configuration was refused, see the log");
  if (!taken) {
    log(LogLevel::kError, "settings", "not reloaded, the running configuration goes on: " + taken.error().text);
  }
}

Result<void> Runtime::take_settings() {
  EDDY_ASSIGN(Settings fresh, options_.reload_settings());
  EDDY_ASSIGN(Trust trust, open_trust(fresh));
  EDDY_TRY(admit_operators(fresh.admin));
  if (fresh.data_dir != settings_.data_dir || fresh.plugin_dir != settings_.plugin_dir ||
      fresh.admin.listen != settings_.admin.listen || fresh.ingest.listen != settings_.ingest.listen) {
    log(LogLevel::kWarn, "settings", "data_dir, plugins.dir and the listeners change only with a restart");
  }
  settings_ = std::move(fresh);
  shown_settings_.reset();
  ++settings_version_;
  masks_.set(masks_of(settings_));
  indexer_->reopen();
  pusher_->apply(settings_.push);
  webhooks_->apply(settings_.webhooks());
  log(LogLevel::kInfo, "settings", "reloaded from " + settings_.file);
  tell_distrusted(*registry_, trust);
  registry_->set_trust(std::move(trust));
  load_what_is_needed_now();
  return {};
}

// Who may operate the host, from the next request on. The address that is listened on stays, so what is new must suit
// it.
Result<void> Runtime::admit_operators(AdminSettings fresh) {
  fresh.listen = settings_.admin.listen;
  if (std::string text = admin_exposure(fresh); !text.empty()) return Error{Code::kConfig, std::move(text)};
  if (fresh.tls.enabled() != settings_.admin.tls.enabled()) {
    return Error{Code::kConfig, "admin.tls: it is begun and ended only with a restart"};
  }
  EDDY_ASSIGN(auto authority, AdminAuthority::make(fresh));
  std::shared_ptr<boost::asio::ssl::context> tls;
  if (fresh.tls.enabled()) {
    EDDY_ASSIGN(tls, make_tls_context(fresh.tls, "admin.tls"));
  }
  admin_->set_tls(std::move(tls));
  admin_->set_authority(std::move(authority));
  return {};
}

// Starts to, or stops, as the settings say.
void Runtime::watch_config() {
  const bool wanted = settings_.watch_config && !settings_.file.empty() && options_.reload_settings != nullptr;
  if (!wanted) return config_watch_.reset();
  if (config_watch_ != nullptr) return;
  auto watch = ConfigWatch::start(settings_.file, [this] { reload(); });
  if (watch) {
    config_watch_ = *std::move(watch);
  } else {
    log(LogLevel::kWarn, "settings", settings_.file + " is not watched, reload it by SIGHUP: " + watch.error().text);
  }
}

// A function that is to run in the host's threads now may have run in worker processes alone.
void Runtime::load_what_is_needed_now() {
  for (const ImagePtr& image : registry_->images()) {
    if (image->in_host() || !needs_code_here(image->manifest, settings_)) continue;
    if (const auto loaded = life_->reload(image->identity.name); !loaded) {
      log(LogLevel::kError, image->identity.name, "cannot be loaded in the host: " + loaded.error().text);
    }
  }
}

void Runtime::apply() {
  auto bindings = bind_functions(registry_->topology(), settings_, settings_version_, life_->canary_plans(),
                                 life_->isolated(), *transport_);
  apply_errors_.clear();
  if (bindings) {
    for (const auto& [name, error] : bindings->unbound) apply_errors_["function " + name] = error.text;
    for (const auto& [name, error] : apis_->apply(registry_->topology(), settings_, *bindings, registry_->images())) {
      apply_errors_["ingest API " + name] = error;
    }
    for (const auto& [name, error] :
         feeds_->apply(registry_->topology(), settings_, settings_version_, *bindings, registry_->images())) {
      apply_errors_["feed " + name] = error;
    }
    functions_->apply(*std::move(bindings));
  } else {
    apply_errors_["topology"] = bindings.error().text;
  }
  applied_ = apply_errors_.empty();
  for (const auto& [what, error] : apply_errors_) {
    log_limited(LogLevel::kError, what, "apply", "not running yet, it is tried again: " + error);
  }
  last_apply_ = clock_.steady();
  publish_view();
}

void Runtime::publish_view() {
  HostView view;
  view.started = true;
  if (shown_settings_ == nullptr) shown_settings_ = std::make_shared<const Settings>(settings_);
  view.settings = shown_settings_;
  view.topology = registry_->topology();
  view.plugins = life_->records();
  for (const FeedName& feed : feeds_of(view.topology, settings_)) view.feeds[feed.name()] = feed.stream;
  for (const auto& [name, runner] : functions_->running()) {
    view.breakers[name] = static_cast<int>(runner->breaker_state());
  }
  view.redact = redacted_streams(view.topology, settings_);
  show_troubles(view);
  view_.set(std::move(view));
}

void Runtime::show_troubles(HostView& view) {
  for (const auto& [what, error] : apply_errors_) view.troubles.push_back(what + ": " + error);
  troubled_ = false;
  const auto show = [&](const std::string& what, const std::string& trouble) {
    if (trouble.empty()) return;
    view.troubles.push_back(what + ": " + trouble);
    troubled_ = true;
  };
  for (const auto& [name, runner] : functions_->running()) show("function " + name, runner->trouble());
  for (const auto& [name, trouble] : functions_->troubles())
    view.troubles.push_back("function " + name + ": " + trouble);
  for (const auto& [name, feeder] : feeds_->running()) show("feed " + name, feeder->trouble());
  show("ingest", apis_->trouble());
  for (const PluginRecord& plugin : view.plugins) {
    if (plugin.held) view.troubles.push_back(trouble_of(plugin));
  }
}

void Runtime::keep_house() {
  const auto now = clock_.steady();
  if (rates_.due(now)) rates_.sample(now, metrics_.processed());
  if (now - last_retention_ < kRetentionEvery) return;
  last_retention_ = now;
  const auto deleted = transport_->apply_retention(clock_.now_us());
  if (!deleted) return log_limited(LogLevel::kError, "retention", "retention", deleted.error().text);
  if (*deleted != 0) log(LogLevel::kInfo, "retention", std::to_string(*deleted) + " records were past their retention");
}

// Idle: two looks in a row saw every function and every table at the end of its source, and nothing moved between them.
// One look is not enough: it reads one function after another while they feed each other.
bool Runtime::idle() {
  std::vector<Standing> standings;
  bool at_end = applied_ && functions_->settled() && !life_->awaited();
  std::map<std::string, std::string> sources;
  for (const auto& [name, runner] : functions_->running()) sources[name] = runner->shape().source;
  for (const auto& [name, feeder] : feeds_->running()) sources[name] = feeder->spec().stream;
  for (const auto& [name, source] : sources) {
    auto standing = standing_of(*transport_, name, source);
    if (!standing) return false;
    at_end = at_end && standing->at_end();
    standings.push_back(*std::move(standing));
  }
  const bool unchanged = standings == last_standings_;
  last_standings_ = std::move(standings);
  return at_end && unchanged;
}

}  // namespace eddy::host
