// SPDX-License-Identifier: Apache-2.0
// Takes records over HTTP with Boost.Beast and simdjson and nothing else: what no ingest server on them can be much
// faster than. It knows no routes, no models, no limits and no bad requests.
#pragma once

#include <cstdint>
#include <memory>

#include "stream/transport.h"

namespace eddy::bench {

// One thread; sockets with a concrete executor, its own read loop, pipelined requests answered together.
class BareServer {
 public:
  // Without a store a request is answered 200 as soon as its body is parsed. With one, when its records are durable in
  // `stream`: a second thread appends the records of all requests that wait.
  explicit BareServer(host::Transport* store = nullptr, host::StreamId stream = {});
  ~BareServer();

  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::bench
