// SPDX-License-Identifier: Apache-2.0
// How an ingest server is set up.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ingest/authority.h"

namespace eddy::host {

struct IngestOptions {
  std::string listen = "127.0.0.1:4000";  // "host:port"; port 0 takes a free one
  std::size_t max_body_bytes = 10'485'760;
  std::size_t max_connections = 4096;
  std::size_t max_waiting_bytes = std::size_t{64} << 20;     // of records that wait to be written; beyond: 503
  std::size_t max_receiving_bytes = std::size_t{256} << 20;  // of bodies that are being received, together; beyond: 503
  std::chrono::milliseconds header_timeout{10'000};          // for a whole header, from its first byte on
  std::chrono::milliseconds body_timeout{30'000};  // for a body, one second more for every min_body_rate bytes of it
  std::size_t min_body_rate = 1024;
  std::chrono::milliseconds idle_timeout{60'000};   // between requests
  std::chrono::milliseconds write_timeout{30'000};  // for an answer to be taken
  std::chrono::milliseconds drain_timeout{10'000};  // for running requests when the server stops
  std::vector<std::string> cors_origins;            // exact origins, or "*"
  bool access_log = false;
  std::shared_ptr<boost::asio::ssl::context> tls;  // none: plain HTTP
  std::shared_ptr<const Authority> authority;      // none: everybody may send
  std::string host_id = "eddy";                    // begins the ids of requests that bring none
  std::function<std::string()> openapi;            // body of GET /openapi.json; none: 404
  bool idempotency = true;                         // takes Idempotency-Key; needs the stream eddy_idempotency
  std::size_t max_idempotency_keys = 1'000'000;    // about 200 bytes each, and their answers: 64 MiB together
};

}  // namespace eddy::host
