// SPDX-License-Identifier: Apache-2.0
// The ingest listener: HTTP requests in, durable records and dead letters out. One thread for clients, one for writes.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/metrics.h"
#include "ingest/options.h"
#include "ingest/route.h"
#include "stream/transport.h"

namespace eddy::host {

class IngestServer {
 public:
  // kConfig when `listen` is no address; kUnavailable when it is taken, or when the memory of idempotency keys cannot
  // be read from the transport. Transport, clock and metrics must outlive the server. Whether an address may be
  // listened on without TLS or tokens is for the caller to say.
  static Result<std::unique_ptr<IngestServer>> start(IngestOptions options, Transport& transport, const Clock& clock,
                                                     IngestMetrics& metrics);
  ~IngestServer();  // stop()

  // From the next request on. [any thread]
  void publish(IngestRoutesPtr routes);
  void set_authority(std::shared_ptr<const Authority> authority);

  // Takes no more clients, answers the requests that run, then ends. After drain_timeout the rest is cut off; what has
  // been read whole is written all the same.
  void stop();

  std::string address() const;  // "127.0.0.1:4000", with the real port
  // Why records cannot be written at present; empty: nothing is known that speaks against it. [any thread]
  std::string trouble() const;

 private:
  IngestServer();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
