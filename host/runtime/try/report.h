// SPDX-License-Identifier: Apache-2.0
// What a trial of a candidate over dead letters and good records has found. Texts are masked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plugin/manifest.h"

namespace eddy::host {

// Two builds' outputs of one record, line by line; a record for the reader.
struct TryDiff {
  std::string record;  // a letter's id, or stream/partition/offset
  std::string text;    // unified
};

// A cause that the candidate fails with.
struct TryCause {
  std::string fingerprint, error_type, error_message;
  std::uint64_t letters = 0;
  std::string sample_id;
};

// Letters of one cause.
struct TryGroup {
  std::string fingerprint, function, error_type, error_message;  // as they failed
  std::uint64_t letters = 0;                                     // selected
  std::uint64_t delivered = 0, filtered = 0;                     // would pass
  std::uint64_t same_cause = 0;                                  // fail as before
  std::map<std::string, TryCause> other_causes;                  // by fingerprint
  std::map<std::string, std::uint64_t> not_tried;                // by reason
  // Of those that would pass, held against the running build: it passes too. Only the first of a group are.
  std::uint64_t compared = 0, output_differs = 0;
  std::uint64_t faults = 0, hangs = 0;  // of the candidate
  std::vector<TryDiff> diffs;

  std::uint64_t other_cause() const;
  std::uint64_t untried() const;
  std::uint64_t failed() const { return same_cause + other_cause(); }
  std::uint64_t passed() const { return delivered + filtered; }
};

// The last records of a function's source that the running build passes.
struct TryGoodRecords {
  std::string function;
  std::uint64_t records = 0;                       // compared
  std::uint64_t same = 0, differ = 0, failed = 0;  // by the candidate
  std::vector<std::string> unstable;               // members that the running build makes anew each time: not compared
  std::string not_compared;                        // why there are none; empty: there are
  std::vector<TryCause> causes;                    // of the failed ones
  std::vector<TryDiff> diffs;
};

struct TryReport {
  std::string queue;
  PluginIdentity candidate;
  std::uint64_t selected = 0;
  std::map<std::string, TryGroup> groups;  // by fingerprint and function
  std::vector<TryGoodRecords> good_records;
  bool ended = false;  // false: it goes on, or was told to end before it was done

  std::uint64_t passed() const;
  std::uint64_t failed() const;
  std::uint64_t untried() const;
  std::uint64_t good_broken() const;
};

}  // namespace eddy::host
