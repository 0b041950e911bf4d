// SPDX-License-Identifier: Apache-2.0
#include "runtime/runtime.h"

#include <filesystem>

#include "base/log.h"
#include "console/routes.h"
#include "function/call.h"
#include "guard/guard.h"
#include "http/tls.h"
#include "runtime/audit_api.h"
#include "runtime/edit_api.h"
#include "runtime/function_api.h"
#include "runtime/health_api.h"
#include "runtime/open_transport.h"
#include "runtime/plugin_api.h"
#include "runtime/redaction.h"
#include "runtime/redrive_api.h"
#include "runtime/redriving.h"
#include "runtime/stream_api.h"
#include "runtime/triage.h"
#include "runtime/triage_api.h"
#include "runtime/trust.h"
#include "runtime/try_api.h"
#include "runtime/version.h"
#include "settings/address.h"
#include "settings/admin_rules.h"

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr std::chrono::milliseconds kIdleTick{20};
constexpr std::chrono::minutes kRetentionEvery{1};
constexpr std::chrono::milliseconds kSurveyEvery{5000};
// A topic that was missing may have been made, a limit may have changed.
constexpr std::chrono::seconds kApplyAgainEvery{10};
constexpr std::chrono::milliseconds kApplySoon{900};
constexpr std::chrono::milliseconds kIndexEvery{1000};

}  // namespace

Runtime::Runtime(Settings settings, RuntimeOptions options)
    : settings_(std::move(settings)), options_(std::move(options)), metrics_(kVersion, kRevision) {}

Runtime::~Runtime() {
  config_watch_.reset();
  admin_.reset();
  redrives_.reset();
  tries_.reset();
  indexer_.reset();
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

Result<void> Runtime::open_parts() {
  service_.starting();
  std::error_code failed;
  std::filesystem::create_directories(settings_.data_dir, failed);
  if (failed) return Error{Code::kUnavailable, "data_dir " + settings_.data_dir + ": " + failed.message()};
  EDDY_TRY(install_guard());
  EDDY_ASSIGN(zygote_, Zygote::start());
  EDDY_ASSIGN(transport_, open_transport(settings_, TransportUse::kHost));
  EDDY_ASSIGN(journal_, Journal::open(settings_.data_dir + "/attempts.journal"));
  EDDY_ASSIGN(Trust trust, open_trust(settings_));
  registry_ = std::make_unique<Registry>(
      settings_.plugin_dir,
      Loader({.state_dir = settings_.data_dir,
              .host = host_table(),
              .trust = std::move(trust),
              .zygote = zygote_.get(),
              .in_host = [this](const Manifest& manifest) { return needs_code_here(manifest, settings_); },
              .on_load = [this] { service_.alive(); }}));
  life_ = std::make_unique<PluginLife>(*registry_, *transport_, metrics_, clock_, settings_.data_dir, zygote_.get(),
                                       [this] { watcher_->wake(); });
  EDDY_ASSIGN(watcher_, Watcher::open(settings_.plugin_dir));
  context_ = std::make_unique<const WorkerContext>(
      WorkerContext{*transport_, *journal_, clock_,
                    [this](const Binding& poisoned, bool in_setup) {
                      report({poisoned.image->identity.name, "function " + poisoned.decl->name,
                              poisoned.image->generation, poisoned.settings.on_fault, in_setup, true});
                    },
                    zygote_.get()});
  functions_ = std::make_unique<Functions>(*context_, metrics_);
  feeds_ = std::make_unique<Feeds>(*transport_, clock_, metrics_);
  apis_ = std::make_unique<Apis>(*transport_, clock_, metrics_, [this](const Image& poisoned) {
    report({poisoned.identity.name, "an ingest API", poisoned.generation, OnFault::kIsolate, false});
  });
  survey_ = std::make_unique<Survey>(
      [this]() -> Result<Gauges> {
        EDDY_TRY(transport_->list_streams());
        return collect_gauges(*view_.get(), *transport_, clock_.now_us());
      },
      settings_.transport == TransportKind::kKafka ? kSurveyEvery : 0ms);
  metrics_.set_gauges([this] {
    Gauges gauges = survey_->gauges();
    gauges.ready = why_not_ready(view_, *survey_).empty();
    return gauges;
  });
  tell_others();
  EDDY_TRY(open_redrives());
  EDDY_TRY(open_admin());
  serve_admin();
  serve_triage();
  watch_config();
  return {};
}

Result<void> Runtime::open_redrives() {
  const auto bind_again = [this] {
    {
      const std::lock_guard lock(events_mutex_);
      bind_again_ = true;
    }
    watcher_->wake();
  };
  const auto open_index = [this, settings = settings_] { return open_triage(settings, *transport_); };
  EDDY_ASSIGN(redrives_,
              Redrives::open(redrive_context(*transport_, clock_, view_, open_index, bind_again), settings_.data_dir));
  return {};
}

void Runtime::tell_others() {
  pusher_ = std::make_unique<push::Pusher>(metrics_);
  webhooks_ = std::make_unique<webhook::Webhooks>(
      webhook::Surroundings{*transport_, clock_, metrics_, settings_.data_dir + "/webhooks.json", [this] {
                              std::vector<std::string> queues;
                              const auto view = view_.get();
                              for (const auto& [name, stream] : view->topology.streams) {
                                if (stream.queue) queues.push_back(name);
                              }
                              return queues;
                            }});
  pusher_->apply(settings_.push);
  webhooks_->apply(settings_.webhooks());
}

void Runtime::report(PluginFault fault) {
  {
    const std::lock_guard lock(events_mutex_);
    faults_.push_back(std::move(fault));
  }
  watcher_->wake();
}

Result<void> Runtime::open_admin() {
  const AdminSettings& admin = settings_.admin;
  audit_ = std::make_unique<AuditLog>(settings_.data_dir,
                                      AuditOptions{std::uint64_t{admin.audit_max_mib} << 20, admin.audit_files});
  AdminOptions options{.listen = admin.listen, .audit = audit_.get(), .version = kVersion};
  EDDY_ASSIGN(options.authority, AdminAuthority::make(admin));
  if (admin.tls.enabled()) {
    EDDY_ASSIGN(options.tls, make_tls_context(admin.tls, "admin.tls"));
  }
  EDDY_ASSIGN(admin_, AdminServer::start(std::move(options)));
  const auto address = parse_listen(admin_->address());
  if (address && !is_loopback(address->host) && !admin.tls.enabled()) {
    log(LogLevel::kWarn, "admin",
        "tokens can be read on their way to " + admin_->address() +
            ": set admin.tls, or put a proxy that has TLS in front");
  }
  return {};
}

void Runtime::serve_admin() {
  if (settings_.admin.console) add_console_routes(*admin_);
  add_health_routes(*admin_, metrics_, view_, *survey_);
  add_plugin_routes(*admin_, view_, requests_);
  add_redrive_routes(*admin_, *redrives_, clock_);
  add_audit_routes(*admin_, *audit_);
  add_stream_routes(*admin_, view_, *transport_);
  const WhatRuns parts{view_, *transport_, metrics_, rates_, *survey_, clock_.now_us()};
  add_function_routes(*admin_, parts);
  add_overview_route(*admin_, parts);
}

// data_dir and the transport stay what they are as long as the process.
void Runtime::serve_triage() {
  const auto open = [this, settings = settings_] { return open_triage(settings, *transport_); };
  const auto queues = [this] { return queues_of(view_.get()->topology); };
  indexer_ = std::make_unique<TriageIndexer>(open, queues, kIndexEvery);
  add_triage_routes(*admin_, {view_, *transport_, clock_, open});
  tries_ = std::make_unique<TryJobs>(*transport_, *zygote_);
  add_try_routes(*admin_, view_, *tries_, open);
  add_edit_route(*admin_, view_, *transport_, open);
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
  metrics_.config_reload(taken.ok());
  service_.ready(taken ? "the configuration was taken" : "the configuration was refused, see the log");
  if (!taken) {
    return log(LogLevel::kError, "settings", "not reloaded, the running configuration goes on: " + taken.error().text);
  }
  watch_config();
  watcher_->wake();  // what was refused for its signature may be good now
  apply();
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
    if (const auto loaded = registry_->reload(image->identity.name); !loaded) {
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
  bool at_end = applied_ && !life_->awaited();
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
