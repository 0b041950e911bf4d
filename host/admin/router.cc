// SPDX-License-Identifier: Apache-2.0
#include "admin/router.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/verb.hpp>
#include <ctime>
#include <exception>

#include "admin/audit_entry.h"
#include "base/log.h"
#include "http/credentials.h"

namespace eddy::host {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::ordered_json;

// Of one holder at one address, written to the audit log: the others of a flood say nothing new.
constexpr std::uint32_t kDenialsPerSecond = 1;
constexpr double kDenialsAtOnce = 10;

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  // The C locale's names, which is what the host runs with.
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text, size);
}

std::string_view field(const AdminHead& head, http::field name) {
  const auto value = head[name];
  return {value.data(), value.size()};
}

std::string_view field(const AdminHead& head, const char* name) {
  const auto value = head[name];
  return {value.data(), value.size()};
}

bool is_json(std::string_view type) {
  constexpr std::string_view kJson = "application/json";
  return type.starts_with(kJson) &&
         (type.size() == kJson.size() || type[kJson.size()] == ';' || type[kJson.size()] == ' ');
}

// What a browser does not send for a page of somebody else's without asking first.
bool is_deliberate(const AdminHead& head) {
  return head.count("X-Eddy-Request") != 0 || is_json(field(head, http::field::content_type));
}

// No name that somebody else could lead here: of "127.0.0.1:5001", "[::1]:5001", "localhost".
bool is_plain_host(std::string_view host) {
  if (const std::size_t end = host.rfind(':'); end != std::string_view::npos && host.back() != ']') {
    host = host.substr(0, end);
  }
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

std::optional<HttpReply> wrong_query(const ApiRoute& route, const Query& query) {
  if (!route.documented) return std::nullopt;
  for (const auto& [key, value] : query) {
    std::string known;
    bool found = false;
    for (const ApiParameter& parameter : route.query) {
      known += (known.empty() ? "" : ", ") + parameter.name;
      found = found || parameter.name == key;
    }
    if (found) continue;
    return error_reply(400, "the query: expected " + (known.empty() ? "nothing" : known) + ", found " + key);
  }
  return std::nullopt;
}

std::optional<HttpReply> wrong_body(const ApiRoute& route, const AdminHead& head, const BodyFacts& body) {
  if (!body.there) return std::nullopt;
  if (route.body.is_null()) return error_reply(413, "expected no body");
  if (body.size > route.max_body) {
    return error_reply(413, "the body: expected at most " + std::to_string(route.max_body) + " bytes, found " +
                                std::to_string(body.size));
  }
  if (!is_json(field(head, http::field::content_type))) {
    return error_reply(
        415, "expected Content-Type: application/json, found " +
                 (head.count(http::field::content_type) == 0 ? std::string("none")
                                                             : std::string(field(head, http::field::content_type))));
  }
  const std::string_view encoding = field(head, http::field::content_encoding);
  if (encoding.empty() || encoding == "identity") return std::nullopt;
  return error_reply(415, "expected a body that is not packed, found Content-Encoding: " + std::string(encoding));
}

// What `make` makes, unless it throws or is no status.
template <typename Make>
HttpReply checked(const Admitted& call, const Make& make) {
  std::string what = "an exception of unknown type";
  try {
    HttpReply reply = make();
    if (reply.status == 204 || reply.status == 304) reply.body.clear();  // HTTP gives them none
    if (reply.status >= 200 && reply.status <= 599) return reply;
    what = "status " + std::to_string(reply.status);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {  // what it is is said to the log and to the client below
  }
  log_limited(LogLevel::kError, "admin", call.route->path, call.request.path + ": the handler failed: " + what);
  return error_reply(500, "failed: " + what);
}

HttpReply handled(const Admitted& call) {
  return checked(call, [&] { return call.route->handler(call.request); });
}

std::optional<Right> missing_right(const Admitted& call) {
  const Operator& who = call.request.who;
  if (call.route->needs && !who.may(*call.route->needs)) return call.route->needs;
  return call.reveals && !who.may(Right::kReveal) ? std::optional(Right::kReveal) : std::nullopt;
}

}  // namespace

Router::Router(std::shared_ptr<const AdminAuthority> authority, const AuditLog* audit)
    : audit_(audit),
      denials_({.requests_per_second = kDenialsPerSecond, .burst_s = kDenialsAtOnce}),
      authority_(std::move(authority)) {}

void Router::set_authority(std::shared_ptr<const AdminAuthority> authority) {
  const std::lock_guard lock(mutex_);
  authority_ = std::move(authority);
}

std::shared_ptr<const AdminAuthority> Router::authority() const {
  const std::lock_guard lock(mutex_);
  return authority_;
}

void Router::serve_at(const std::string& address, const std::string& port) {
  const std::lock_guard lock(mutex_);
  origins_.clear();
  for (const char* scheme : {"http://", "https://"}) {
    origins_.push_back(scheme + address);
    origins_.push_back(std::string(scheme) + "localhost:" + port);
  }
}

Admitted Router::admit(const AdminHead& head, const AdminPeer& peer, const BodyFacts& body) const {
  Admitted call;
  const auto refused = [&](HttpReply reply) {
    call.route = nullptr;
    call.refusal = std::move(reply);
    return std::move(call);
  };
  const std::string_view target(head.target().data(), head.target().size());
  const std::string_view path = path_of(target);
  RouteMatch match = table_.find({head.method_string().data(), head.method_string().size()}, path);
  if (auto reply = not_there(match, path)) return refused(*std::move(reply));
  call.route = std::move(match.route);
  call.request = {.method = call.route->method,
                  .path = std::string(path),
                  .parameters = std::move(match.parameters),
                  .from = peer.address,
                  .if_none_match = std::string(field(head, http::field::if_none_match))};
  auto query = parse_query(target);
  if (!query) return refused(error_reply(400, "the query: expected % and two hexadecimal digits, not 00"));
  call.request.query = *std::move(query);
  if (!call.route->reveals_by.empty()) {
    const auto reveals = call.request.flag(call.route->reveals_by);
    if (!reveals) return refused(error_reply(reveals.error()));
    call.reveals = *reveals;
  }
  if (auto reply = unknown(call, head, peer)) return refused(*std::move(reply));
  if (auto reply = foreign(call, head, peer)) return refused(*std::move(reply));
  if (auto reply = wrong_query(*call.route, call.request.query)) return refused(*std::move(reply));
  call.lacks = missing_right(call);
  if (call.lacks) return call;
  if (auto reply = wrong_body(*call.route, head, body)) return refused(*std::move(reply));
  return call;
}

std::optional<HttpReply> Router::not_there(const RouteMatch& match, std::string_view path) const {
  if (match.route != nullptr) return std::nullopt;
  if (!match.allow.empty()) {
    HttpReply reply = error_reply(405, "expected " + match.allow);
    reply.headers.emplace_back("Allow", match.allow);
    return reply;
  }
  Json routes = Json::array();
  for (const ApiRoutePtr& route : table_.documented()) routes.push_back(route->method + " " + route->path);
  return json_reply(404, {{"error", "there is no " + std::string(path)}, {"routes", std::move(routes)}});
}

std::optional<HttpReply> Router::unknown(Admitted& call, const AdminHead& head, const AdminPeer& peer) const {
  call.request.who = {"local", Rights::all()};
  const auto authority = this->authority();
  const bool open = !call.route->needs || (call.route->path == "/metrics" && authority && authority->open_metrics());
  if (authority == nullptr || open) return std::nullopt;
  AdminClaim claim{peer.address, std::nullopt, peer.certificate};
  if (head.count(http::field::authorization) != 0) claim.authorization = field(head, http::field::authorization);
  AdminIdentity identity = authority->identify(claim, clock_.now_us());
  if (identity.status != 0) {
    HttpReply reply = error_reply(identity.status, identity.message);
    if (!identity.www_authenticate.empty()) reply.headers.emplace_back("WWW-Authenticate", identity.www_authenticate);
    if (identity.retry_after_s > 0) reply.headers.emplace_back("Retry-After", std::to_string(identity.retry_after_s));
    return reply;
  }
  call.request.who = std::move(identity.who);
  call.by_token = identity.by_token;
  return std::nullopt;
}

std::optional<HttpReply> Router::foreign(const Admitted& call, const AdminHead& head, const AdminPeer& peer) const {
  const ApiRoute& route = *call.route;
  if (route.changes() && !is_deliberate(head)) {
    return error_reply(403, "expected a header X-Eddy-Request, or Content-Type: application/json");
  }
  if (!route.needs) return std::nullopt;
  const std::string_view host = field(head, http::field::host);
  if (!peer.tls && !call.by_token && head.count(http::field::host) != 0 && !is_plain_host(host)) {
    return error_reply(403, "expected an IP address or localhost in the Host header, found " + std::string(host) +
                                ": other names are taken only with a token or over TLS");
  }
  const std::string_view site = field(head, "Sec-Fetch-Site");
  const bool foreign_page = site == "cross-site" || site == "same-site";
  if (foreign_page ||
      (head.count(http::field::origin) != 0 && !is_own(field(head, http::field::origin), host, peer.tls))) {
    return error_reply(403, "not for pages of others");
  }
  return std::nullopt;
}

bool Router::is_own(std::string_view origin, std::string_view host, bool tls) const {
  if (origin == std::string(tls ? "https://" : "http://").append(host)) return true;
  const std::lock_guard lock(mutex_);
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

// Its body was not read: what somebody may not do must not cost anything.
HttpReply Router::denied(const Admitted& call) const {
  const std::string& who = call.request.who.name;
  const std::string text = "does not have the right " + std::string(right_name(*call.lacks));
  const bool recorded = audit_ != nullptr && call.audited() &&
                        denials_.take(who + " " + address_account(call.request.from), clock_.now_us()) == 0;
  if (recorded) {
    AuditEntry entry = audit_entry(*call.route, call.request);
    entry.outcome = AuditOutcome::kRefused;
    entry.status = 403;
    entry.result = text;
    if (const auto written = audit_->append(entry, clock_.now_us()); !written) {
      log_limited(LogLevel::kError, "admin", "audit", written.error().text);
    }
  }
  return error_reply(403, who + " " + text);
}

HttpReply Router::run(const Admitted& call) const {
  return checked(call, [&] {
    if (call.lacks) return denied(call);
    return audit_ == nullptr || !call.audited() ? handled(call) : recorded(call);
  });
}

HttpReply Router::recorded(const Admitted& call) const {
  AuditEntry entry = audit_entry(*call.route, call.request);
  auto id = audit_->append(entry, clock_.now_us());
  if (!id) {
    log_limited(LogLevel::kError, "admin", "audit", id.error().text);
    return error_reply(503, "nothing was done, as it cannot be recorded: " + id.error().text);
  }
  HttpReply reply = handled(call);
  entry.id = *std::move(id);
  entry.outcome = reply.status < 400 ? AuditOutcome::kDone : AuditOutcome::kFailed;
  entry.status = reply.status;
  entry.result = audit_result(reply);
  if (const auto written = audit_->append(entry, clock_.now_us()); !written) {
    // It is done: the first entry stands, and says that nobody knows how it ended.
    log(LogLevel::kError, "admin", entry.action + " by " + entry.who + ": " + written.error().text);
  }
  return reply;
}

AdminResponse make_response(unsigned version, bool keep_alive, HttpReply reply) {
  AdminResponse response(http::int_to_status(static_cast<unsigned>(reply.status)), version);
  response.result(static_cast<unsigned>(reply.status));
  response.set(http::field::server, "eddy");
  response.set(http::field::date, date_now());
  response.set(http::field::content_type, reply.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.set("Referrer-Policy", "no-referrer");
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.body() = std::move(reply.body);
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

}  // namespace eddy::host
