// SPDX-License-Identifier: Apache-2.0
// From a body to what is written: records for the stream, dead letters for the queue.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dead_letter/writer.h"
#include "ingest/body.h"
#include "ingest/exchange.h"

namespace eddy::host {

// One per server. Not thread-safe.
class Sorter {
 public:
  // `most_refused_bytes`: of the letters of one request and what its answer says of them. A letter has some thousand
  // bytes around an element of one: without a limit a small body could take all memory.
  explicit Sorter(std::size_t most_refused_bytes) : most_refused_bytes_(most_refused_bytes) {}

  // Fills the exchange's job, counts and answer (200, 207 or 400), as if the job was written already. `body` is the
  // exchange's, unpacked. `identity` names the request in the ids of its letters: an idempotency key, so that a retry
  // has the same ones; empty: the request id.
  // An error: nothing of the request is to be written. kUnavailable: some element cannot be judged now; kTooLarge: what
  // does not fit its model is too much for the queue.
  // Either way seen() is how many elements it has looked at.
  Result<void> sort(std::string_view body, Exchange& exchange, std::string_view identity, std::size_t max_record_bytes);
  std::uint64_t seen() const { return seen_; }

 private:
  // What is wrong with an element.
  struct Fault {
    std::string_view type, pointer, message;
  };

  const eddy_value* decode(std::size_t i);
  Result<bool> accept(std::size_t i, const eddy_value* row);
  Result<std::optional<RowRefusal>> check(const eddy_value* row);
  void drop_all();
  Result<void> whole(std::string_view body);
  Result<void> letter(std::size_t index, std::string_view text, Bytes key, const Fault& fault);
  Result<void> check_size(const OutRecord& letter, const Fault& fault);
  void finish();

  const std::size_t most_refused_bytes_;
  BodyReader reader_;
  LetterWriter writer_;
  ErrorList errors_;
  ModelError error_;
  std::string key_;
  std::string message_, told_;

  Exchange* exchange_ = nullptr;  // of the call that runs, as what follows
  std::string_view identity_;
  std::size_t max_record_bytes_ = 0;
  std::size_t letter_bytes_ = 0;
  std::uint64_t seen_ = 0;
  bool check_faulted_ = false;  // on an element of this request
};

}  // namespace eddy::host
