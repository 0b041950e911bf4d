// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include <pthread.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <thread>

#include "admin/connection.h"
#include "admin/openapi.h"
#include "admin/router.h"
#include "admin/schema.h"
#include "base/log.h"
#include "http/thread_signals.h"
#include "settings/address.h"
#include "settings/admin_rules.h"

namespace eddy::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;

constexpr std::size_t kMostConnections = 256;
constexpr int kWorkers = 4;
constexpr std::chrono::milliseconds kAcceptPause{100};

Error cannot_listen(const std::string& listen, const error_code& error) {
  if (error == asio::error::address_in_use) {
    return {Code::kUnavailable,
            "admin.listen: " + listen +
                " is in use by another program; stop that one, or set admin.listen to another port"};
  }
  return {Code::kUnavailable, "admin.listen: cannot listen on " + listen + ": " + error.message()};
}

}  // namespace

struct AdminServer::State {
  explicit State(AdminOptions given)
      : options(std::move(given)), tls(options.tls), router(options.authority, options.audit) {}

  const AdminOptions options;
  std::shared_ptr<asio::ssl::context> tls;  // of the next connection
  asio::io_context io{1};
  asio::basic_socket_acceptor<tcp, Executor> acceptor{io};
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> pause{
      io};
  Router router;
  Lane work{"eddy-admin-work", kWorkers}, quick{"eddy-adm-quick", 1};
  AdminHub hub{io, router, work, quick, options.idle_time};
  std::string address;
  std::thread thread;
  bool stopping = false;

  Result<void> bind();
  void describe();
  void run();
  void accept();
  bool make_room();
  void admit(Connection::Socket socket);
  void stop();
};

Result<void> AdminServer::State::bind() {
  const std::string& listen = options.listen;
  auto parsed = parse_listen(listen);
  if (!parsed) return in_context("admin.listen", parsed.take_error());
  if (!is_loopback(parsed->host) && (options.authority == nullptr || !options.authority->closed())) {
    AdminSettings open;
    open.listen = listen;
    return Error{Code::kConfig, admin_exposure(open)};
  }
  const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error) {
    return Error{Code::kConfig, "admin.listen: expected an IP address or localhost, found " + parsed->host};
  }
  const tcp::endpoint endpoint(ip, parsed->port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(listen, error);
  const std::string port = std::to_string(acceptor.local_endpoint().port());
  address = (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + port;
  router.serve_at(address, port);
  return {};
}

void AdminServer::State::describe() {
  router.add({.path = "/api/v1/openapi.json",
              .summary = "This document",
              .description = "OpenAPI 3.1 of all routes.",
              .reply = schema::any("OpenAPI 3.1."),
              .handler = [this](const ApiRequest&) {
                return HttpReply{200, "application/json",
                                 admin_openapi(router.table(), router.authority().get(), options.version)};
              }});
}

void AdminServer::State::run() {
  block_process_signals();
  pthread_setname_np(pthread_self(), "eddy-admin");
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& error) {
      // The connection that it came from ends with it; the others go on.
      log_limited(LogLevel::kError, "admin", "connection", std::string("a connection failed: ") + error.what());
    }
  }
}

void AdminServer::State::accept() {
  acceptor.async_accept(io.get_executor(), [this](error_code error, Connection::Socket socket) {
    if (stopping) return;
    if (error) {
      // Out of descriptors, most likely: the next attempt would fail at once.
      pause.expires_after(kAcceptPause);
      pause.async_wait([this](error_code cancelled) {
        if (!cancelled && !stopping) accept();
      });
      return;
    }
    // Else the socket closes here, and the client sees that there is no room.
    if (hub.connections.size() < kMostConnections || make_room()) admit(std::move(socket));
    accept();
  });
}

// Who connects and says nothing gives way to who has something to say.
bool AdminServer::State::make_room() {
  Connection* longest = nullptr;
  for (Connection* each : hub.connections) {
    const auto since = each->waiting_since();
    if (since && (longest == nullptr || *since < *longest->waiting_since())) longest = each;
  }
  if (longest != nullptr) longest->stop();
  return longest != nullptr;
}

void AdminServer::State::admit(Connection::Socket socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  make_connection(std::move(socket), peer.address().to_string(), tls.get(), hub)->start();
}

void AdminServer::State::stop() {
  stopping = true;
  acceptor.close();
  pause.cancel();
  // One that closes leaves the set later, from its own operation.
  for (Connection* connection : hub.connections) connection->stop();
}

AdminServer::AdminServer() = default;

Result<std::unique_ptr<AdminServer>> AdminServer::start(AdminOptions options) {
  std::unique_ptr<AdminServer> server(new AdminServer());
  server->state_ = std::make_unique<State>(std::move(options));
  State& state = *server->state_;
  EDDY_TRY(state.bind());
  state.describe();
  state.accept();
  state.thread = std::thread([&state] { state.run(); });
  return server;
}

AdminServer::~AdminServer() {
  if (!state_->thread.joinable()) return;
  asio::post(state_->io, [this] { state_->stop(); });
  state_->thread.join();
}

void AdminServer::route(ApiRoute route) { state_->router.add(std::move(route)); }

void AdminServer::set_authority(std::shared_ptr<const AdminAuthority> authority) {
  state_->router.set_authority(std::move(authority));
}

void AdminServer::set_tls(std::shared_ptr<asio::ssl::context> tls) {
  asio::post(state_->io, [this, given = std::move(tls)]() mutable { state_->tls = std::move(given); });
}

std::string AdminServer::address() const { return state_->address; }

}  // namespace eddy::host
