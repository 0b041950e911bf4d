// SPDX-License-Identifier: Apache-2.0
#include "bare_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "bare_body.h"
#include "bench/turns.h"

namespace eddy::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Text = boost::beast::string_view;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;

constexpr std::size_t kBuffer = 64 * 1024;
constexpr std::string_view kTaken = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::string_view kNotJson = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

// Keeps a body and whether it is lines; no other field.
class Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(std::string& body) : body_(body) { body_.clear(); }
  bool lines() const { return lines_; }

 private:
  void on_request_impl(http::verb, Text, Text, int, error_code&) override {}
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_field_impl(http::field name, Text, Text value, error_code&) override {
    if (name == http::field::content_type) lines_ = value == "application/x-ndjson";
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    body_.reserve(length.value_or(0) + simdjson::SIMDJSON_PADDING);
  }
  std::size_t on_body_impl(Text bytes, error_code&) override {
    body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code& error) override {
    return on_body_impl(bytes, error);
  }
  void on_finish_impl(error_code&) override {}

  std::string& body_;
  bool lines_ = false;
};

class Connection;
using ConnectionPtr = std::shared_ptr<Connection>;

// Makes the records of all connections that wait durable, in one append.
class Saver {
 public:
  Saver(host::Transport& store, host::StreamId stream, asio::io_context& io)
      : store_(store), stream_(stream), io_(io), thread_([this] { run(); }) {}
  ~Saver() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    filled_.notify_one();
    thread_.join();
  }
  void submit(ConnectionPtr connection) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(connection));
      if (waiting_.size() > 1) return;
    }
    filled_.notify_one();
  }

 private:
  void run();

  host::Transport& store_;
  const host::StreamId stream_;
  asio::io_context& io_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<ConnectionPtr> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, BareBody& reader, Saver* saver)
      : socket_(std::move(socket)), reader_(reader), saver_(saver), buffer_(kBuffer) {}

  void read() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) compact();
    socket_.async_read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              if (error) return;
                              self->end_ += size;
                              self->advance();
                            });
  }
  const std::vector<host::OutRecord>& records() const { return records_; }
  void saved() {
    out_.append(kTaken);
    advance();
  }

 private:
  void compact() {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.end(), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }

  // Every request that has come whole; then their answers in one write.
  void advance() {
    while (begin_ < end_) {
      if (!parser_) {
        parser_.emplace(body_);
        parser_->eager(true);
      }
      error_code error;
      begin_ += parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
      if (error == http::error::need_more) break;
      if (error) return;
      if (!parser_->is_done()) continue;
      if (!take()) return;
    }
    if (out_.empty()) return read();
    asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](error_code error, std::size_t) {
      self->out_.clear();
      if (!error) self->read();
    });
  }

  // False: goes on when its records are durable.
  bool take() {
    records_.clear();
    const bool good = reader_.parse(body_, parser_->lines(), records_);
    parser_.reset();
    if (good && saver_ != nullptr) {
      saver_->submit(shared_from_this());
      return false;
    }
    out_.append(good ? kTaken : kNotJson);
    return true;
  }

  Socket socket_;
  BareBody& reader_;
  Saver* const saver_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::optional<Parser> parser_;
  std::string body_, out_;
  std::vector<host::OutRecord> records_;
};

void Saver::run() {
  std::vector<host::OutRecord> gathered;
  while (true) {
    std::vector<ConnectionPtr> round;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      round.swap(waiting_);
    }
    gathered.clear();
    for (const ConnectionPtr& one : round) {
      gathered.insert(gathered.end(), one->records().begin(), one->records().end());
    }
    need(store_.append(stream_, gathered));
    asio::post(io_, [round = std::move(round)] {
      for (const ConnectionPtr& one : round) one->saved();
    });
  }
}

}  // namespace

struct BareServer::State {
  void accept() {
    acceptor.async_accept(io.get_executor(), [this](error_code error, Socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      std::make_shared<Connection>(std::move(socket), reader, saver.get())->read();
      accept();
    });
  }

  asio::io_context io{1};
  asio::basic_socket_acceptor<tcp, Executor> acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  BareBody reader;
  std::unique_ptr<Saver> saver;
  std::thread thread;
};

BareServer::BareServer(host::Transport* store, host::StreamId stream) : state_(std::make_unique<State>()) {
  if (store != nullptr) state_->saver = std::make_unique<Saver>(*store, stream, state_->io);
  state_->accept();
  state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

BareServer::~BareServer() {
  state_->io.stop();
  state_->thread.join();
  state_->saver.reset();
}

std::uint16_t BareServer::port() const { return state_->acceptor.local_endpoint().port(); }

}  // namespace eddy::bench
