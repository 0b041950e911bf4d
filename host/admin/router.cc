// SPDX-License-Identifier: Apache-2.0
#include "admin/router.h"

#include <algorithm>
#include <boost/beast/http/verb.hpp>
#include <ctime>
#include <exception>

#include "base/log.h"

namespace eddy::host {
namespace {

namespace http = boost::beast::http;

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  // The C locale's names, which is what the host runs with.
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text, size);
}

HttpReply plain(int status, std::string text) { return {status, "text/plain; charset=utf-8", std::move(text)}; }

template <typename Handler>
HttpReply run(std::string_view path, const Handler& handler) {
  std::string what = "an exception of unknown type";
  try {
    HttpReply reply = handler();
    if (reply.status == 204 || reply.status == 304) reply.body.clear();  // HTTP gives them none
    if (reply.status >= 200 && reply.status <= 599) return reply;
    what = "status " + std::to_string(reply.status);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {  // what it is is said to the log and to the client below
  }
  log_limited(LogLevel::kError, "admin", path, std::string(path) + ": the handler failed: " + what);
  return plain(500, "failed: " + what + "\n");
}

// What a browser does not send for a page of somebody else's without asking first.
bool is_deliberate(const AdminRequest& request) {
  if (request.count("X-Eddy-Request") != 0) return true;
  const auto type = request[http::field::content_type];
  return std::string_view(type.data(), type.size()).starts_with("application/json");
}

}  // namespace

void Router::add(std::string path, AdminServer::Handler handler) {
  auto shared = std::make_shared<const AdminServer::Handler>(std::move(handler));
  const std::lock_guard lock(mutex_);
  routes_[std::move(path)] = std::move(shared);
}

void Router::add_action(std::string path, AdminServer::Action action) {
  constexpr std::string_view kName = "{name}";
  const std::size_t at = path.find(kName);
  ActionRoute route{path, path.substr(0, at), path.substr(at + kName.size()),
                    std::make_shared<const AdminServer::Action>(std::move(action))};
  const std::lock_guard lock(mutex_);
  actions_.push_back(std::move(route));
}

void Router::serve_at(const std::string& address, const std::string& port) {
  const std::lock_guard lock(mutex_);
  origins_ = {"http://" + address, "http://localhost:" + port};
}

Router::Found Router::find(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  if (const auto found = routes_.find(path); found != routes_.end()) return {found->second, nullptr, {}};
  for (const ActionRoute& route : actions_) {
    if (path.size() <= route.before.size() + route.after.size()) continue;
    if (!path.starts_with(route.before) || !path.ends_with(route.after)) continue;
    const std::string_view name =
        path.substr(route.before.size(), path.size() - route.before.size() - route.after.size());
    if (name.find('/') == std::string_view::npos) return {nullptr, route.action, name};
  }
  return {};
}

bool Router::is_foreign(std::string_view origin) const {
  const std::lock_guard lock(mutex_);
  return std::find(origins_.begin(), origins_.end(), origin) == origins_.end();
}

std::string Router::paths() const {
  std::string list;
  const std::lock_guard lock(mutex_);
  for (const auto& route : routes_) list += route.first + "\n";
  for (const ActionRoute& route : actions_) list += "POST " + route.path + "\n";
  return list;
}

HttpReply Router::act(const AdminRequest& request, const Found& found, std::string_view path) const {
  if (!is_deliberate(request)) {
    return plain(403, "expected a header X-Eddy-Request, or Content-Type: application/json\n");
  }
  const auto origin = request[http::field::origin];
  if (!origin.empty() && is_foreign({origin.data(), origin.size()})) return plain(403, "not for pages of others\n");
  return run(path, [&] { return (*found.action)(found.name); });
}

AdminResponse Router::reply(const AdminRequest& request, bool has_body) const {
  const std::string_view path = path_of({request.target().data(), request.target().size()});
  const auto reply_with = [&](HttpReply reply) {
    return make_response(request.version(), request.keep_alive(), std::move(reply));
  };
  const Found found = find(path);
  if (found.handler == nullptr && found.action == nullptr) {
    return reply_with(plain(404, "not found; there are:\n" + paths()));
  }
  const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
  if (found.action != nullptr ? request.method() != http::verb::post : !reads) {
    const std::string expected = found.action != nullptr ? "POST" : "GET or HEAD";
    AdminResponse response = reply_with(plain(405, "expected " + expected + "\n"));
    response.set(http::field::allow, found.action != nullptr ? "POST" : "GET, HEAD");
    return response;
  }
  if (has_body) return reply_with(plain(413, "expected no body\n"));
  if (found.action != nullptr) return reply_with(act(request, found, path));
  return reply_with(run(path, *found.handler));
}

AdminResponse make_response(unsigned version, bool keep_alive, HttpReply reply) {
  AdminResponse response(http::int_to_status(static_cast<unsigned>(reply.status)), version);
  response.result(static_cast<unsigned>(reply.status));
  response.set(http::field::server, "eddy");
  response.set(http::field::date, date_now());
  response.set(http::field::content_type, reply.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.body() = std::move(reply.body);
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

std::string_view path_of(std::string_view target) {
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace eddy::host
