// SPDX-License-Identifier: Apache-2.0
// Where a letter is sent back to, or why it is not.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dead_letter/digest.h"
#include "dead_letter/reader.h"
#include "stream/transport.h"

namespace eddy::host {

// What an ingest API takes now that has refused it before.
struct Readmitted {
  struct Element {
    std::optional<std::string> key;
    std::string value;
  };
  std::string stream;
  std::vector<Element> elements;
};

// What a redrive may know of the functions that run, and of the APIs. All of them are called on the redrive's thread.
struct FunctionTargets {
  std::function<bool()> ready;  // false: it is not known yet which functions run
  // The redrive stream of a function, made if need be; kBadData: no such function runs here.
  std::function<Result<std::string>(const std::string& function)> stream_of;
  // Records in that stream that the function has still to process.
  std::function<Result<std::uint64_t>(const std::string& function)> lag;
  // The queue that a function writes its failures to; kBadData: no such function runs here.
  std::function<Result<std::string>(const std::string& function)> queue_of;
  std::function<std::uint32_t(const std::string& queue)> max_hops;
  // Judges a letter of an ingest API again; kBadData: it is not taken, and why.
  std::function<Result<Readmitted>(const DeadLetter& letter)> readmit;
  // Letters of a queue that APIs have taken, once that is committed: how long after its failure each.
  std::function<void(const std::string& queue, const std::vector<std::int64_t>& after_us)> recovered;
};

struct LetterRoute {
  std::string function;  // that it goes to; empty: to a stream by its name
  std::string stream;    // empty: it is not sent
  std::string reason;    // why not
  Record original;       // for a stream: what is written
  // Through an API: these are written, each with the headers of `original`.
  std::vector<Readmitted::Element> elements;
  bool sent() const { return !stream.empty(); }
};

// Not thread-safe.
class LetterRouter {
 public:
  // `to` as RedriveSpec.
  LetterRouter(Transport& transport, const FunctionTargets& targets, std::string queue, std::string to,
               bool over_budget);

  // `letter` as read from the queue; the route borrows it. An error: the transport cannot be asked.
  Result<LetterRoute> route(const DeadLetter& letter);

 private:
  Result<LetterRoute> to_stream(const DeadLetter& letter);
  Result<LetterRoute> to_function(const DeadLetter& letter);
  Result<LetterRoute> through_api(const DeadLetter& letter);
  Result<const Record*> at_origin(const DeadLetter& letter);
  bool is_what_failed(const DeadLetter& letter, const Record& original);

  Transport& transport_;
  const FunctionTargets& targets_;
  const std::string queue_, to_;
  const bool over_budget_;
  std::map<std::string, Result<std::string>> streams_;  // by function
  std::map<std::string, std::unique_ptr<Browser>> browsers_;
  LetterReader reader_;  // of letters that a truncated one points to
  Record resolved_;
  LetterDigest digest_;
};

}  // namespace eddy::host
