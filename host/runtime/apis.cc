// SPDX-License-Identifier: Apache-2.0
#include "runtime/apis.h"

#include "base/log.h"
#include "http/tls.h"
#include "ingest/idempotency_journal.h"
#include "ingest/openapi.h"
#include "runtime/row_check.h"
#include "runtime/version.h"
#include "settings/address.h"

namespace eddy::host {

// [server thread]
class Apis::Counting final : public IngestMetrics {
 public:
  explicit Counting(Metrics& metrics) : metrics_(metrics) {}

  // [any thread] Its series start at 0 now, not with its first request or letter.
  void know(const IngestRoute& route) {
    (void)metrics_.api(route.name);
    (void)metrics_.worker(letters_in(route.queue));
  }

  void request(std::string_view api, int code) override { counters(api).request(code); }
  void records(std::string_view api, std::string_view result, std::uint64_t count) override {
    const Ingested what = result == "accepted"        ? Ingested::kAccepted
                          : result == "dead_lettered" ? Ingested::kDeadLettered
                                                      : Ingested::kNotDurable;
    counters(api).records[static_cast<std::size_t>(what)].add(count);
  }
  void seconds(std::string_view api, double seconds) override { counters(api).seconds.observe(seconds); }
  void dead_letter(std::string_view queue, std::string_view error_type) override {
    letters(queue).dead_letter(error_type);
  }
  void letters_not_written(std::string_view queue) override { letters(queue).write_failures.add(); }

 private:
  // As the letters say it: no function has failed.
  static Metrics::WorkerLabels letters_in(std::string_view queue) {
    return {.function = "", .queue = std::string(queue), .source = std::string(kApiSource)};
  }

  WorkerCounters& letters(std::string_view queue) {
    auto found = letters_.find(queue);
    if (found == letters_.end()) found = letters_.emplace(queue, metrics_.worker(letters_in(queue))).first;
    return *found->second;
  }

  ApiCounters& counters(std::string_view api) {
    auto found = apis_.find(api);
    if (found == apis_.end()) found = apis_.emplace(api, metrics_.api(std::string(api))).first;
    return *found->second;
  }

  Metrics& metrics_;
  std::map<std::string, std::shared_ptr<ApiCounters>, std::less<>> apis_;
  std::map<std::string, std::shared_ptr<WorkerCounters>, std::less<>> letters_;  // by queue
};

namespace {

ImagePtr image_with(const std::vector<ImagePtr>& images, const IngestApiDecl& api) {
  for (const ImagePtr& image : images) {
    for (const IngestApiDecl& own : image->manifest.ingest_apis) {
      if (own.name == api.name && own.version == api.version && own.model == api.model) return image;
    }
  }
  return nullptr;
}

void take_identity(IngestRoute& route, const PluginIdentity& plugin) {
  route.plugin = plugin.name;
  route.plugin_version = plugin.version;
  route.plugin_build_id = plugin.build_id;
  route.plugin_sha256 = plugin.sha256;
}

Result<std::shared_ptr<const IngestRoute>> resolve(const std::string& name, const IngestApiDecl& api,
                                                   const Settings& settings,
                                                   const std::map<std::string, OpenStream>& streams) {
  auto route = std::make_shared<IngestRoute>();
  route->name = name;
  route->model = api.model;
  route->stream = api.destination;
  route->queue = api.dead_letter_queue.empty() ? kDefaultQueue : api.dead_letter_queue;
  EDDY_ASSIGN(const OpenStream stream, find_stream(streams, route->stream));
  EDDY_ASSIGN(const OpenStream queue, find_stream(streams, route->queue));
  route->stream_id = stream.id;
  route->queue_id = queue.id;
  route->queue_options = settings.queue(route->queue).options;
  route->queue_options.max_record_bytes = queue.max_record_bytes;
  return std::shared_ptr<const IngestRoute>(std::move(route));
}

Result<IngestOptions> options_of(const Settings& settings) {
  const IngestSettings& ingest = settings.ingest;
  IngestOptions options;
  options.listen = ingest.listen;
  options.max_body_bytes = ingest.max_body_bytes;
  options.max_connections = ingest.max_connections;
  options.header_timeout = std::chrono::milliseconds(ingest.header_timeout_ms);
  options.body_timeout = std::chrono::milliseconds(ingest.body_timeout_ms);
  options.idle_timeout = std::chrono::milliseconds(ingest.idle_timeout_ms);
  options.cors_origins = ingest.cors_origins;
  options.access_log = ingest.access_log;
  if (ingest.tls.enabled()) {
    EDDY_ASSIGN(options.tls, make_tls_context(ingest.tls, "ingest.tls"));
  }
  return options;
}

}  // namespace

IngestRoutes resolve_routes(const Topology& topology, const Settings& settings,
                            const std::map<std::string, OpenStream>& streams, const std::vector<ImagePtr>& images,
                            const std::function<void(const Image&)>& on_fault,
                            std::map<std::string, std::string>& errors) {
  IngestRoutes routes;
  for (const auto& [name, api] : topology.ingest_apis) {
    auto route = resolve(name, api, settings, streams);
    if (!route) {
      errors[name] = route.error().text;
      continue;
    }
    if (const ImagePtr image = image_with(images, api)) {
      auto with_plugin = std::make_shared<IngestRoute>(**route);
      take_identity(*with_plugin, image->identity);
      with_plugin->check = make_row_check(image, api.model, on_fault);
      *route = std::move(with_plugin);
    }
    routes.emplace(name, *std::move(route));
  }
  return routes;
}

Apis::Apis(Transport& transport, const Clock& clock, Metrics& metrics, OnFault on_fault)
    : transport_(transport),
      clock_(clock),
      on_fault_(std::move(on_fault)),
      counting_(std::make_unique<Counting>(metrics)) {}

Apis::~Apis() { stop(); }

std::map<std::string, std::string> Apis::apply(const Topology& topology, const Settings& settings,
                                               const Bindings& bindings, const std::vector<ImagePtr>& images) {
  std::map<std::string, std::string> errors;
  if (settings.ingest.listen.empty() || (server_ == nullptr && topology.ingest_apis.empty())) return errors;
  auto routes =
      std::make_shared<IngestRoutes>(resolve_routes(topology, settings, bindings.streams, images, on_fault_, errors));
  for (const auto& [name, route] : *routes) counting_->know(*route);
  {
    const std::lock_guard lock(mutex_);
    routes_ = routes;
  }
  if (server_ == nullptr) {
    if (const auto opened = open(settings); !opened) {
      for (const auto& [name, api] : topology.ingest_apis) errors[name] = opened.error().text;
    }
    return errors;
  }
  if (const auto admitted = admit_by(settings.ingest); !admitted) {
    errors["*"] = admitted.error().text;  // whoever could come in before still can
  }
  server_->publish(std::move(routes));
  return errors;
}

Result<void> Apis::open(const Settings& settings) {
  EDDY_ASSIGN(IngestOptions options, options_of(settings));
  EDDY_ASSIGN(options.authority, Authority::make(settings.ingest));
  options.openapi = [this] { return openapi(); };
  keep(settings.ingest);
  // With as many copies as the settings say; the server finds it made.
  EDDY_TRY(IdempotencyJournal::make_stream(transport_, settings.stream(kIdempotencyStream).replication_factor));
  EDDY_ASSIGN(server_, IngestServer::start(std::move(options), transport_, clock_, *counting_));
  server_->publish(routes_);
  log(LogLevel::kInfo, "ingest",
      std::string("takes records at ") + (settings_.tls.enabled() ? "https://" : "http://") + server_->address() +
          "/ingest/");
  return {};
}

// Tokens, keys and limits change with a reload; the listener itself does not.
Result<void> Apis::admit_by(const IngestSettings& settings) {
  if (settings == settings_) return {};
  if (settings.tls != settings_.tls) {
    return Error{Code::kConfig, "ingest.tls: it changes only with a restart; until then who could come in still can"};
  }
  const auto address = parse_listen(settings_.listen);
  if (!(address && is_loopback(address->host)) && !settings.authenticates()) {
    return Error{Code::kConfig,
                 "ingest: it still listens on " + settings_.listen +
                     ", beyond loopback, so it goes on asking for the tokens it had; restart to listen on " +
                     settings.listen + " without"};
  }
  EDDY_ASSIGN(auto authority, Authority::make(settings));
  server_->set_authority(std::move(authority));
  const std::string listens_on = settings_.listen;
  keep(settings);
  settings_.listen = listens_on;
  return {};
}

void Apis::keep(const IngestSettings& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
}

IngestRoutesPtr Apis::routes() const {
  const std::lock_guard lock(mutex_);
  return routes_;
}

std::string Apis::openapi() const {
  IngestRoutesPtr routes;
  IngestSettings settings;
  {
    const std::lock_guard lock(mutex_);
    routes = routes_;
    settings = settings_;
  }
  return host::openapi(*routes, settings, kVersion);
}

std::string Apis::trouble() const { return server_ != nullptr ? server_->trouble() : ""; }

void Apis::stop() {
  if (server_ != nullptr) server_->stop();
}

}  // namespace eddy::host
