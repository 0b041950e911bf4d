// SPDX-License-Identifier: Apache-2.0
// The parts of a host: made and wired here, run in runtime.cc.
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
#include "runtime/runtime.h"
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

constexpr std::chrono::milliseconds kSurveyEvery{5000};
constexpr std::chrono::milliseconds kIndexEvery{1000};

}  // namespace

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
                    zygote_.get(), [this] { watcher_->wake(); }});
  functions_ = std::make_unique<Functions>(*context_, metrics_);
  feeds_ = std::make_unique<Feeds>(*transport_, clock_, metrics_);
  apis_ = std::make_unique<Apis>(*transport_, clock_, metrics_, [this](const Image& poisoned) {
    report({poisoned.identity.name, "an ingest API", poisoned.generation, OnFault::kIsolate, false});
  });
  index_settings_ = settings_;
  masks_.set(masks_of(settings_));
  start_indexer();
  survey_ = std::make_unique<Survey>(
      [this]() -> Result<Gauges> {
        EDDY_TRY(transport_->list_streams());
        const auto queues = indexer_->summaries();
        return collect_gauges(*view_.get(), *transport_, queues.get(), clock_.now_us());
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
  const auto open = [this] { return open_index(); };
  const auto masks = [this] { return masks_.get().identity; };
  EDDY_ASSIGN(redrives_,
              Redrives::open(redrive_context(*transport_, clock_, view_,
                                             {open, masks, bind_again, [this] { return apis_->routes(); }, metrics_}),
                             settings_.data_dir));
  return {};
}

void Runtime::tell_others() {
  pusher_ = std::make_unique<push::Pusher>(metrics_);
  webhooks_ = std::make_unique<webhook::Webhooks>(
      webhook::Surroundings{*transport_, clock_, metrics_, settings_.data_dir + "/webhooks.json",
                            [this] {
                              std::vector<std::string> queues;
                              const auto view = view_.get();
                              for (const auto& [name, stream] : view->topology.streams) {
                                if (stream.queue) queues.push_back(name);
                              }
                              return queues;
                            },
                            [this](std::string queue) {
                              LetterFilter any;
                              resolve_parked(queue, any);
                              const TriageMasks masks = masks_.get();
                              return masks.of ? masks.of(queue) : Mask();
                            }});
  pusher_->apply(settings_.push);
  webhooks_->apply(settings_.webhooks());
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

// data_dir and the transport stay what they are as long as the process, what is hidden does not.
Result<std::unique_ptr<TriageIndex>> Runtime::open_index() const {
  return open_triage(index_settings_, *transport_, masks_.get());
}

void Runtime::start_indexer() {
  const auto queues = [this] { return queues_of(view_.get()->topology); };
  indexer_ = std::make_unique<TriageIndexer>([this] { return open_index(); }, queues, kIndexEvery);
}

void Runtime::serve_triage() {
  const auto open = [this] { return open_index(); };
  add_triage_routes(*admin_, {view_, *transport_, clock_, open});
  tries_ = std::make_unique<TryJobs>(*transport_, *zygote_);
  add_try_routes(*admin_, view_, *tries_, open);
  add_edit_route(*admin_, view_, *transport_, open);
}

}  // namespace eddy::host
