// SPDX-License-Identifier: Apache-2.0
// From a request to its reply: who asks, what for, whether they may, and the handler. Knows nothing of sockets.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/authority.h"
#include "admin/route_table.h"
#include "audit/audit_log.h"
#include "base/clock.h"
#include "http/rate_limit.h"

namespace eddy::host {

using AdminHead = boost::beast::http::request_header<>;
using AdminResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Who is connected.
struct AdminPeer {
  std::string address;      // without the port
  std::string certificate;  // subject of the client certificate that TLS has verified; empty: none
  bool tls = false;
};

// Of a body that has not been read yet.
struct BodyFacts {
  bool there = false;
  std::uint64_t size = 0;  // 0: not known, it comes in chunks
};

// What became of a request's head: a call that is to be made as soon as its body is here, or a refusal.
struct Admitted {
  ApiRoutePtr route{};  // null: refused
  ApiRequest request{};
  HttpReply refusal{};
  bool reveals = false;
  bool by_token = false;         // who asks has shown one
  std::optional<Right> lacks{};  // it will be denied, and its body is not needed

  bool audited() const { return route->changes() || reveals; }
};

// Thread-safe.
//
// Pages in an operator's browser must reach nothing here but as the console does. Two ways are closed for them.
// - To change something (POST): a header that browsers ask us for first, and get no answer to (X-Eddy-Request, or a
//   Content-Type of application/json).
// - To read or change: an Origin, if there is one, must be this listener's own, and so must what the browser says of
// the
//   page in Sec-Fetch-Site. As a page's own name can be made to lead here, the Host header must be an IP address or
//   localhost, or be proven by TLS, wherever nobody has to show a token.
class Router {
 public:
  // `audit` null: no log is kept.
  explicit Router(std::shared_ptr<const AdminAuthority> authority = nullptr, const AuditLog* audit = nullptr);

  void set_authority(std::shared_ptr<const AdminAuthority> authority);
  void add(ApiRoute route) { table_.add(std::move(route)); }
  const RouteTable& table() const { return table_; }
  std::shared_ptr<const AdminAuthority> authority() const;
  // Where the listener is, for the Origin of its own pages.
  void serve_at(const std::string& address, const std::string& port);

  Admitted admit(const AdminHead& head, const AdminPeer& peer, const BodyFacts& body) const;
  // With the body in its request, unless the call lacks a right: then 403. What changes or reveals something is written
  // to the audit log first, and is refused with 503 where that cannot be. Whatever throws becomes a 500.
  HttpReply run(const Admitted& call) const;

 private:
  std::optional<HttpReply> not_there(const RouteMatch& match, std::string_view path) const;
  std::optional<HttpReply> unknown(Admitted& call, const AdminHead& head, const AdminPeer& peer) const;
  HttpReply denied(const Admitted& call) const;
  HttpReply recorded(const Admitted& call) const;
  std::optional<HttpReply> foreign(const Admitted& call, const AdminHead& head, const AdminPeer& peer) const;
  bool is_own(std::string_view origin, std::string_view host, bool tls) const;

  RouteTable table_;
  const AuditLog* const audit_;
  const SystemClock clock_;
  mutable RateLimit denials_;  // that are written to the log
  mutable std::mutex mutex_;   // of what follows
  std::shared_ptr<const AdminAuthority> authority_;
  std::vector<std::string> origins_;
};

// A complete reply; `keep_alive` false also tells the client so.
AdminResponse make_response(unsigned version, bool keep_alive, HttpReply reply);

}  // namespace eddy::host
