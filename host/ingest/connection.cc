// SPDX-License-Identifier: Apache-2.0
#include "ingest/connection.h"

#include <boost/beast/http/error.hpp>
#include <cstring>

namespace eddy::host {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kHeadLimit = 16 * 1024;
constexpr std::size_t kFirstBuffer = 4 * 1024;
constexpr std::size_t kBuffer = 64 * 1024;
constexpr std::chrono::milliseconds kLeaveTime{1000};  // for a client that still sends when we have hung up
constexpr std::size_t kLeaveLimit = 1 << 20;
constexpr std::size_t kSkipLimit = 64 * 1024;  // a refused request's body that is read, so that its connection can stay
constexpr std::size_t kShortestChunked = 5;    // "0", and two line ends
constexpr std::size_t kKeptOutput = 256 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

IngestConnection::IngestConnection(std::unique_ptr<Wire> wire, std::string address, IngestHub& hub)
    : hub_(hub), wire_(std::move(wire)), address_(std::move(address)), buffer_(kFirstBuffer) {
  hub_.connections.insert(this);
}

IngestConnection::~IngestConnection() {
  release_body();
  hub_.connections.erase(this);
}

void IngestConnection::expect_until(State state, std::chrono::milliseconds time) {
  state_ = state;
  deadline_ = hub_.clock.steady() + time;
}

void IngestConnection::start() {
  expect_until(State::kOpening, hub_.options.header_timeout);
  wire_->open(shared_from_this());
}

void IngestConnection::on_open(Error error) {
  if (error || state_ == State::kClosed) return close();
  certificate_ = wire_->certificate();
  next();
}

void IngestConnection::check_time(Time now) {
  if (state_ == State::kAppending || state_ == State::kClosed || now < deadline_) return;
  if (state_ == State::kBody) {
    // A body may take as long as it keeps coming.
    const auto rate = static_cast<double>(hub_.options.min_body_rate);
    const std::chrono::duration<double> more(static_cast<double>(parser_->received()) / rate);
    if (now < deadline_ + std::chrono::duration_cast<std::chrono::microseconds>(more)) return;
  }
  if (state_ == State::kHead || state_ == State::kBody) {
    if (continuing_) return close();
    return refuse(408, "the request did not come in time");
  }
  close();
}

void IngestConnection::stop() {
  if (state_ == State::kIdle || state_ == State::kOpening || state_ == State::kLeaving) close();
}

void IngestConnection::close() {
  state_ = State::kClosed;
  wire_->close();
}

void IngestConnection::read() {
  if (reading_) return;
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0 && end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(std::min(kBuffer, 4 * buffer_.size()));
  reading_ = true;
  wire_->read(shared_from_this(), {buffer_.data() + end_, buffer_.size() - end_});
}

void IngestConnection::on_read(Error error, std::size_t size) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  if (state_ == State::kLeaving) {
    drained_ += size;
    if (error || drained_ > kLeaveLimit) return close();
    begin_ = end_ = 0;
    return read();
  }
  if (error) return close();  // nobody is left who would read an answer
  end_ += size;
  if (state_ == State::kIdle || state_ == State::kHead || state_ == State::kBody) advance();
}

void IngestConnection::advance() {
  if (state_ == State::kIdle && begin_ < end_) {
    expect_until(State::kHead, hub_.options.header_timeout);
    exchange_.started = hub_.clock.steady();
  }
  if (state_ == State::kHead && !take_head()) return;
  if (state_ == State::kBody && !take_body()) return;
  if (state_ == State::kIdle) read();
}

// True: go on. False: something runs that will go on.
bool IngestConnection::take_head() {
  // Some clients end a body with one line end too many; its two bytes may come one by one.
  while (scanned_ == 0 && unread().substr(0, 2) == "\r\n") begin_ += 2;
  if (scanned_ == 0 && unread() == "\r") {
    read();
    return false;
  }
  const HeadScan scan = scan_head(unread().substr(0, kHeadLimit), scanned_);
  switch (scan) {
    case HeadScan::kComplete:
      return parse_head(scanned_);
    case HeadScan::kIncomplete:
      if (end_ - begin_ >= kHeadLimit) {
        refuse(431, "the header is larger than 16 KiB");
      } else {
        read();
      }
      return false;
    case HeadScan::kBareLineFeed:
      refuse(400, "expected lines of the header to end in CR LF");
      return false;
    case HeadScan::kFolded:
      refuse(400, "a header field must not go on in the next line");
      return false;
  }
  return false;
}

bool IngestConnection::parse_head(std::size_t size) {
  parser_.emplace(exchange_.head, exchange_.body, hub_.options.max_body_bytes);
  exchange_.arrived_us = hub_.clock.now_us();
  Error error;
  begin_ += parser_->put({buffer_.data() + begin_, size}, error);
  scanned_ = 0;
  if (error || !parser_->is_header_done()) {
    refuse(400, "not an HTTP/1.1 request: " + error.message());
    return false;
  }
  hub_.intake.judge(exchange_, peer());
  return begin_body();
}

bool IngestConnection::begin_body() {
  const bool refused = exchange_.answer.status != 0;
  const bool whole = parser_->is_done();
  keep_alive_ = parser_->keep_alive() && !exchange_.answer.close;
  const bool asks = !whole && exchange_.head.expect.present() && exchange_.head.http_1_1;
  if (refused && !whole) {
    const auto length = parser_->content_length();
    if (asks || !keep_alive_ || !length || *length > kSkipLimit) {
      keep_alive_ = false;
      answer();
      return false;
    }
    parser_->discard();
  }
  if (whole) {
    finish_request();
    return false;
  }
  parser_->eager(true);
  expect_until(State::kBody, hub_.options.body_timeout);
  if (asks && begin_ == end_) {
    send_continue();
    return false;
  }
  return true;
}

void IngestConnection::send_continue() {
  continuing_ = true;
  wire_->write(shared_from_this(), boost::asio::buffer(kContinue.data(), kContinue.size()));
}

bool IngestConnection::take_body() {
  // Beast takes it for granted that the shortest body of chunks comes in one piece.
  if (parser_->chunked() && parser_->received() == 0 && end_ - begin_ < kShortestChunked) {
    read();
    return false;
  }
  Error error;
  while (begin_ < end_ && !error && !parser_->is_done()) {
    const std::size_t used = parser_->put({buffer_.data() + begin_, end_ - begin_}, error);
    begin_ += used;
    if (used == 0) break;
  }
  if (error && error != http::error::need_more) {
    if (parser_->too_large()) {
      refuse(413, "the body has more than " + std::to_string(hub_.options.max_body_bytes) + " bytes");
    } else {
      refuse(400, "the body's framing is damaged: " + error.message());
    }
    return false;
  }
  if (parser_->is_done()) {
    finish_request();
    return false;
  }
  if (begin_ == 0 && end_ == kBuffer) {
    refuse(400, "a chunk's header or the trailer is too large");
  } else if (count_received()) {
    read();
  }
  return false;
}

// All bodies under way together have a limit, or many slow clients would take all memory.
bool IngestConnection::count_received() {
  const std::size_t now = exchange_.body.capacity();
  hub_.receiving_bytes += now - received_;
  received_ = now;
  if (hub_.receiving_bytes <= hub_.options.max_receiving_bytes) return true;
  exchange_.answer.add_header("Retry-After", "1");
  refuse(503, "too many bodies are being received; send it again");
  return false;
}

void IngestConnection::release_body() {
  hub_.receiving_bytes -= received_;
  received_ = 0;
}

void IngestConnection::finish_request() {
  release_body();
  if (exchange_.answer.status != 0 || !hub_.intake.take(exchange_)) return answer();
  exchange_.job.client = shared_from_this();
  state_ = State::kAppending;
  if (hub_.appender.submit(exchange_.job)) return;
  exchange_.job.client.reset();
  hub_.intake.overloaded(exchange_);
  answer();
}

void IngestConnection::appended() {
  hub_.intake.appended(exchange_);
  if (state_ == State::kClosed) return hub_.intake.answered(exchange_, peer());
  answer();
}

// For what is wrong with the request's form: what follows it cannot be trusted to be a request.
void IngestConnection::refuse(int status, std::string_view text) {
  if (exchange_.request_id.empty()) hub_.intake.name_request(exchange_);
  exchange_.answer.refuse(status, text);
  keep_alive_ = false;
  answer();
}

void IngestConnection::answer() {
  release_body();
  if (hub_.stopping) keep_alive_ = false;
  const std::int64_t now_us = hub_.clock.now_us();
  if (now_us / 1'000'000 != hub_.date_second) {
    hub_.date_second = now_us / 1'000'000;
    hub_.date = http_date(now_us);
  }
  const bool head_only = exchange_.head.verb == http::verb::head;
  render_response(exchange_.answer, {hub_.date, exchange_.request_id, exchange_.head.http_1_1, keep_alive_, head_only},
                  out_);
  hub_.intake.answered(exchange_, peer());
  expect_until(State::kWriting, hub_.options.write_timeout);
  wire_->write(shared_from_this(), boost::asio::buffer(out_.data(), out_.size()));
}

void IngestConnection::on_written(Error error) {
  if (state_ == State::kClosed) return;
  if (continuing_) {
    continuing_ = false;
    if (error) return close();
    return advance();
  }
  if (error) return close();
  if (keep_alive_) return next();
  leave();
}

void IngestConnection::next() {
  exchange_.clear();
  if (out_.capacity() > kKeptOutput) std::string().swap(out_);
  parser_.reset();
  scanned_ = 0;
  if (begin_ == end_ && buffer_.size() > kFirstBuffer) {
    begin_ = end_ = 0;
    if (buffer_.size() > kHeadLimit) buffer_ = std::vector<char>(kHeadLimit);
  }
  if (hub_.stopping && begin_ == end_) return leave();
  expect_until(State::kIdle, hub_.options.idle_timeout);
  advance();
}

// Closing with unread bytes resets the connection, and the client might lose our answer with them.
void IngestConnection::leave() {
  expect_until(State::kLeaving, kLeaveTime);
  wire_->finish(shared_from_this());
}

void IngestConnection::on_finished() {
  if (state_ == State::kClosed) return;
  begin_ = end_ = 0;
  read();
}

}  // namespace eddy::host
