// SPDX-License-Identifier: Apache-2.0
// Decides about requests: what is wrong with a head, what a body becomes, what is said in the end. Knows no sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "ingest/exchange.h"
#include "ingest/idempotency_keys.h"
#include "ingest/metrics.h"
#include "ingest/options.h"
#include "ingest/route.h"
#include "ingest/sorter.h"
#include "stream/transport.h"

namespace eddy::host {

// Who sent a request, as far as the connection knows. Borrowed for the call.
struct Peer {
  std::string_view address;
  std::string_view certificate;
};

// [server thread]
class Intake {
 public:
  Intake(const IngestOptions& options, Transport& transport, const Clock& clock, IngestMetrics& metrics);

  void publish(IngestRoutesPtr routes) { routes_ = std::move(routes); }
  void set_authority(std::shared_ptr<const Authority> authority) { authority_ = std::move(authority); }
  IdempotencyKeys& keys() { return keys_; }

  // After the head. The exchange has an answer then if it is refused, or needs no body.
  void judge(Exchange& exchange, const Peer& peer);
  // After the body. True: the exchange's job is to be appended. False: it has its answer.
  bool take(Exchange& exchange);
  // Nothing was appended: too much waits.
  void overloaded(Exchange& exchange);
  // The job has ended: settles the answer that take() has prepared.
  void appended(Exchange& exchange);
  // The answer has been decided on; counts it, and logs it if asked to.
  void answered(const Exchange& exchange, const Peer& peer);

  void name_request(Exchange& exchange);

 private:
  bool judge_form(Exchange& exchange);
  void preflight(Exchange& exchange);
  bool admit(Exchange& exchange, std::string_view name, const Peer& peer);
  void find(Exchange& exchange, std::string_view name);
  bool judge_content(Exchange& exchange);
  void judge_size(Exchange& exchange);
  void serve_openapi(Exchange& exchange);
  void not_found(Exchange& exchange);
  void add_cors(Exchange& exchange);
  bool claim_key(Exchange& exchange, std::string_view body, const std::string& identity);
  void fill_intent(Exchange& exchange, std::string_view body);
  bool sort(Exchange& exchange, std::string_view body, std::string_view identity);
  void charge(const Exchange& exchange, std::uint64_t records) const;
  void release_key(Exchange& exchange);
  void not_now(Exchange& exchange, std::string_view why);
  bool too_much(Exchange& exchange, std::string_view why);
  std::string_view unpacked(Exchange& exchange);
  void count_letters(const Exchange& exchange);
  static void keep_trace(Exchange& exchange);

  const IngestOptions& options_;
  Transport& transport_;
  const Clock& clock_;
  IngestMetrics& metrics_;
  IngestRoutesPtr routes_;
  std::shared_ptr<const Authority> authority_;
  IdempotencyKeys keys_;
  Sorter sorter_;
  std::string id_prefix_;
  std::uint64_t last_id_ = 0;
};

// "movies/2" of "/ingest/movies/2"; none when it is not below /ingest/.
std::optional<std::string_view> route_of(std::string_view path);

}  // namespace eddy::host
