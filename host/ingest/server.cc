// SPDX-License-Identifier: Apache-2.0
#include "ingest/server.h"

#include <pthread.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <thread>

#include "base/log.h"
#include "http/thread_signals.h"
#include "ingest/connection.h"
#include "settings/address.h"

namespace eddy::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds kTick{200};  // how late a time that has run out may be noticed

Error cannot_listen(const std::string& listen, const error_code& error) {
  if (error == asio::error::address_in_use) {
    return {Code::kUnavailable,
            "ingest.listen: " + listen +
                " is in use by another program; stop that one, or set ingest.listen to another port"};
  }
  return {Code::kUnavailable, "ingest.listen: cannot listen on " + listen + ": " + error.message()};
}

}  // namespace

struct IngestServer::State {
  State(IngestOptions given, Transport& transport, const Clock& time, IngestMetrics& metrics)
      : options(std::move(given)), clock(time), intake(options, transport, clock, metrics) {}

  Result<void> bind();
  void start(Transport& transport);
  void run();
  void accept();
  void admit(IngestSocket socket);
  void tick();
  void stop();
  void complete(Appender::Jobs jobs);

  const IngestOptions options;
  const Clock& clock;
  asio::io_context io{1};
  asio::basic_socket_acceptor<tcp, Executor> acceptor{io};
  Timer timer{io};
  Intake intake;
  std::unique_ptr<IdempotencyJournal> journal;
  std::unique_ptr<Appender> appender;
  std::unique_ptr<IngestHub> hub;
  std::string address;
  std::thread thread;
  std::chrono::steady_clock::time_point give_up;  // when it stops
  bool accept_again = false;                      // with the next tick
};

Result<void> IngestServer::State::bind() {
  auto parsed = parse_listen(options.listen);
  if (!parsed) return in_context("ingest.listen", parsed.take_error());
  const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error) {
    return Error{Code::kConfig, "ingest.listen: expected an IP address or localhost, found " + parsed->host};
  }
  const tcp::endpoint endpoint(ip, parsed->port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(options.listen, error);
  const std::string port = std::to_string(acceptor.local_endpoint().port());
  address = (ip.is_v6() ? "[" + host + "]" : host) + ":" + port;
  return {};
}

void IngestServer::State::start(Transport& transport) {
  appender = std::make_unique<Appender>(transport, clock, journal.get(), options.max_waiting_bytes,
                                        [this](Appender::Jobs jobs) { complete(std::move(jobs)); });
  hub.reset(new IngestHub{options, clock, intake, *appender});
  accept();
  tick();
  thread = std::thread([this] { run(); });
}

void IngestServer::State::run() {
  block_process_signals();
  pthread_setname_np(pthread_self(), "eddy-ingest");
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& error) {
      // The connection that it came from ends with it; the others go on.
      log_limited(LogLevel::kError, "ingest", "connection", std::string("a connection failed: ") + error.what());
    }
  }
}

void IngestServer::State::accept() {
  acceptor.async_accept(io.get_executor(), [this](error_code error, IngestSocket socket) {
    if (hub->stopping) return;
    if (error) {
      // Out of descriptors, most likely: at once it would fail again.
      accept_again = true;
      return;
    }
    // Beyond the limit the socket closes here, and the client sees that there is no room.
    if (hub->connections.size() < options.max_connections) admit(std::move(socket));
    accept();
  });
}

void IngestServer::State::admit(IngestSocket socket) {
  error_code error;
  socket.set_option(tcp::no_delay(true), error);
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  auto wire = options.tls ? tls_wire(std::move(socket), *options.tls) : plain_wire(std::move(socket));
  std::make_shared<IngestConnection>(std::move(wire), peer.address().to_string(), *hub)->start();
}

void IngestServer::State::tick() {
  timer.expires_after(kTick);
  timer.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    const auto now = clock.steady();
    const bool out_of_time = hub->stopping && std::chrono::steady_clock::now() >= give_up;
    // A connection that closes leaves the set later, from its own operation.
    for (IngestConnection* connection : hub->connections) {
      connection->check_time(now);
      if (out_of_time) connection->close();
    }
    if (hub->stopping && hub->connections.empty()) return;
    if (accept_again && !hub->stopping) {
      accept_again = false;
      accept();
    }
    tick();
  });
}

void IngestServer::State::stop() {
  hub->stopping = true;
  give_up = std::chrono::steady_clock::now() + options.drain_timeout;
  error_code ignored;
  acceptor.close(ignored);
  for (IngestConnection* connection : hub->connections) connection->stop();
}

// Back to the server's thread, all of a round in one step.
void IngestServer::State::complete(Appender::Jobs jobs) {
  asio::post(io, [jobs = std::move(jobs)] {
    for (AppendJob* job : jobs) {
      const auto client = std::move(job->client);
      client->appended();
    }
  });
}

IngestServer::IngestServer() = default;

Result<std::unique_ptr<IngestServer>> IngestServer::start(IngestOptions options, Transport& transport,
                                                          const Clock& clock, IngestMetrics& metrics) {
  std::unique_ptr<IngestServer> server(new IngestServer());
  server->state_ = std::make_unique<State>(std::move(options), transport, clock, metrics);
  State& state = *server->state_;
  if (state.options.idempotency) {
    EDDY_ASSIGN(state.journal, IdempotencyJournal::open(transport, clock, state.intake.keys()));
  }
  EDDY_TRY(state.bind());
  state.start(transport);
  return server;
}

IngestServer::~IngestServer() { stop(); }

void IngestServer::stop() {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  asio::post(state.io, [&state] { state.stop(); });
  state.thread.join();
  state.appender.reset();
}

void IngestServer::publish(IngestRoutesPtr routes) {
  asio::post(state_->io, [this, routes = std::move(routes)]() mutable { state_->intake.publish(std::move(routes)); });
}

void IngestServer::set_authority(std::shared_ptr<const Authority> authority) {
  asio::post(state_->io,
             [this, given = std::move(authority)]() mutable { state_->intake.set_authority(std::move(given)); });
}

std::string IngestServer::address() const { return state_->address; }

std::string IngestServer::trouble() const { return state_->appender ? state_->appender->trouble() : std::string(); }

}  // namespace eddy::host
