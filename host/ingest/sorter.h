// SPDX-License-Identifier: Apache-2.0
// From a body to what is written: records for the stream, dead letters for the queue.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "dead_letter/writer.h"
#include "ingest/body.h"
#include "ingest/exchange.h"

namespace eddy::host {

// One per server. Not thread-safe.
class Sorter {
 public:
  // Fills the exchange's job, counts and answer (200, 207 or 400), as if the job was written already. `body` is the
  // exchange's, unpacked. `identity` names the request in the ids of its letters: an idempotency key, so that a retry
  // has the same ones; empty: the request id.
  void sort(std::string_view body, Exchange& exchange, std::string_view identity, std::size_t max_record_bytes);

 private:
  // What is wrong with an element.
  struct Fault {
    std::string_view type, pointer, message;
  };

  const eddy_value* decode(std::size_t i);
  bool accept(std::size_t i, const eddy_value* row);
  void whole(std::string_view body);
  void letter(std::size_t index, std::string_view text, Bytes key, const Fault& fault);
  void finish();

  BodyReader reader_;
  LetterWriter writer_;
  ErrorList errors_;
  ModelError error_;
  std::string key_;
  std::string message_;

  Exchange* exchange_ = nullptr;  // of the call that runs, as what follows
  std::string_view identity_;
  std::size_t max_record_bytes_ = 0;
};

}  // namespace eddy::host
