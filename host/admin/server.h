// SPDX-License-Identifier: Apache-2.0
// The admin listener: metrics, health, readiness, and the API that operators use. Boost.Beast.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "admin/authority.h"
#include "admin/route.h"
#include "audit/audit_log.h"
#include "base/result.h"

namespace eddy::host {

struct AdminOptions {
  std::string listen = "127.0.0.1:5001";              // "host:port"; port 0 takes a free one
  std::shared_ptr<boost::asio::ssl::context> tls{};   // null: plain
  std::shared_ptr<const AdminAuthority> authority{};  // null: everybody is "local" and may do everything
  const AuditLog* audit = nullptr;                    // null: none is kept; must outlive the server
  std::string version{};                              // the host's, for the OpenAPI document
  std::chrono::milliseconds idle_time{10'000};        // for a whole request header, and for a whole reply
};

// One thread for sockets, four for handlers and one for those of ApiLane::kQuick. Handlers are called from several
// threads at once, also the same one: what they use must be thread-safe. One that takes long holds up the others of its
// lane when there are four of them, and neither the listener nor the quick ones.
class AdminServer {
 public:
  // Refuses (kConfig) to listen beyond loopback where nobody has to show a token or a certificate. kUnavailable when
  // the address is taken.
  static Result<std::unique_ptr<AdminServer>> start(AdminOptions options);
  ~AdminServer();  // stops, finishes running replies

  // In place of one with the same method and path. [before or after start, any thread]
  void route(ApiRoute route);

  // From the next request, and from the next connection on. [any thread]
  void set_authority(std::shared_ptr<const AdminAuthority> authority);
  void set_tls(std::shared_ptr<boost::asio::ssl::context> tls);

  std::string address() const;  // "127.0.0.1:5001", with the real port

 private:
  AdminServer();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
