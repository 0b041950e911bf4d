// SPDX-License-Identifier: Apache-2.0
// One client of the ingest listener: reads requests, has them decided and written, answers them in order.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ingest/appender.h"
#include "ingest/intake.h"
#include "ingest/request_parser.h"
#include "ingest/wire.h"

namespace eddy::host {

class IngestConnection;

// What the connections of a server share. [server thread]
struct IngestHub {
  const IngestOptions& options;
  const Clock& clock;
  Intake& intake;
  Appender& appender;
  std::set<IngestConnection*> connections{};
  std::size_t receiving_bytes = 0;  // of bodies that have not come whole yet
  bool stopping = false;
  std::string date{};  // of the second that runs
  std::int64_t date_second = -1;
};

// One request at a time: the next one waits in the socket until this one is answered. Kept alive by the operation that
// runs; time runs out by check_time(), which the server calls now and then. [server thread]
class IngestConnection final : public WireClient,
                               public AppendClient,
                               public std::enable_shared_from_this<IngestConnection> {
 public:
  IngestConnection(std::unique_ptr<Wire> wire, std::string address, IngestHub& hub);
  ~IngestConnection() override;

  void start();
  void check_time(std::chrono::steady_clock::time_point now);
  // Ends at once when no request is under way, else with its answer.
  void stop();
  void close();

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class State { kOpening, kIdle, kHead, kBody, kAppending, kWriting, kLeaving, kClosed };

  void on_open(Error error) override;
  void on_read(Error error, std::size_t size) override;
  void on_written(Error error) override;
  void on_finished() override;
  void appended() override;

  void read();
  void advance();
  bool take_head();
  bool parse_head(std::size_t size);
  bool begin_body();
  void send_continue();
  bool take_body();
  bool count_received();
  void finish_request();
  void refuse(int status, std::string_view text);
  void answer();
  void next();
  void leave();
  void release_body();
  void expect_until(State state, std::chrono::milliseconds time);

  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  Peer peer() const { return {address_, certificate_}; }

  IngestHub& hub_;
  const std::unique_ptr<Wire> wire_;
  const std::string address_;
  std::string certificate_;

  State state_ = State::kOpening;
  Time deadline_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what has been read and not been used
  std::size_t scanned_ = 0;          // of the head
  std::optional<RequestParser> parser_;
  Exchange exchange_;
  std::string out_;
  std::size_t received_ = 0;  // counted in the hub
  std::size_t drained_ = 0;
  bool keep_alive_ = true;
  bool continuing_ = false;  // "100 Continue" is being written
  bool reading_ = false;
};

}  // namespace eddy::host
