// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <thread>

#include "admin/connection.h"
#include "admin/router.h"
#include "base/log.h"
#include "settings/address.h"

namespace eddy::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;

constexpr std::size_t kMostConnections = 256;
constexpr std::chrono::milliseconds kAcceptPause{100};

// Signals of the process belong to the main thread; those a thread raises itself must stay open, or they kill without
// a handler.
void block_process_signals() {
  sigset_t set;
  sigfillset(&set);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&set, own);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

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
  asio::io_context io{1};
  asio::basic_socket_acceptor<tcp, Executor> acceptor{io};
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> pause{
      io};
  Router router;
  Connections connections;
  std::string address;
  std::thread thread;
  bool stopping = false;

  Result<void> bind(const std::string& listen);
  void run();
  void accept();
  void stop();
};

Result<void> AdminServer::State::bind(const std::string& listen) {
  auto parsed = parse_listen(listen);
  if (!parsed) return in_context("admin.listen", parsed.take_error());
  if (!is_loopback(parsed->host)) return Error{Code::kConfig, "admin.listen: " + only_loopback(listen)};
  const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  const tcp::endpoint endpoint(asio::ip::make_address(host), parsed->port);

  error_code error;
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
    // Beyond the limit the socket closes here, and the client sees that there is no room.
    if (connections.size() < kMostConnections) {
      std::make_shared<Connection>(std::move(socket), router, connections)->start();
    }
    accept();
  });
}

void AdminServer::State::stop() {
  stopping = true;
  acceptor.close();
  pause.cancel();
  for (Connection* connection : connections) connection->stop();
}

AdminServer::AdminServer() : state_(std::make_unique<State>()) {}

Result<std::unique_ptr<AdminServer>> AdminServer::start(const std::string& listen) {
  std::unique_ptr<AdminServer> server(new AdminServer());
  State& state = *server->state_;
  EDDY_TRY(state.bind(listen));
  state.accept();
  state.thread = std::thread([&state] { state.run(); });
  return server;
}

AdminServer::~AdminServer() {
  if (!state_->thread.joinable()) return;
  asio::post(state_->io, [this] { state_->stop(); });
  state_->thread.join();
}

void AdminServer::route(std::string path, Handler handler) { state_->router.add(std::move(path), std::move(handler)); }

void AdminServer::action(std::string path, Action action) {
  state_->router.add_action(std::move(path), std::move(action));
}

std::string AdminServer::address() const { return state_->address; }

}  // namespace eddy::host
