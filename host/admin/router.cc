// SPDX-License-Identifier: Apache-2.0
#include "admin/router.h"

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

HttpReply run(const AdminServer::Handler& handler, std::string_view path) {
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
  return {500, "text/plain; charset=utf-8", "failed: " + what + "\n"};
}

}  // namespace

void Router::add(std::string path, AdminServer::Handler handler) {
  auto shared = std::make_shared<const AdminServer::Handler>(std::move(handler));
  const std::lock_guard lock(mutex_);
  routes_[std::move(path)] = std::move(shared);
}

std::shared_ptr<const AdminServer::Handler> Router::find(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(path);
  return found == routes_.end() ? nullptr : found->second;
}

std::string Router::paths() const {
  std::string list;
  const std::lock_guard lock(mutex_);
  for (const auto& route : routes_) list += route.first + "\n";
  return list;
}

AdminResponse Router::reply(const AdminRequest& request) const {
  const bool keep_alive = request.keep_alive();
  const std::string_view path = path_of({request.target().data(), request.target().size()});
  const auto handler = find(path);
  if (handler == nullptr) {
    const std::string known = paths();
    return make_response(request.version(), keep_alive,
                         {404, "text/plain; charset=utf-8", "not found; there are:\n" + known});
  }
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    AdminResponse response =
        make_response(request.version(), keep_alive, {405, "text/plain; charset=utf-8", "expected GET or HEAD\n"});
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  return make_response(request.version(), keep_alive, run(*handler, path));
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
