// SPDX-License-Identifier: Apache-2.0
// Dead letters through a candidate build, in worker processes, with nothing written: what would pass, what would still
// fail and why, and whether records that are good today come out as they do today.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dead_letter/mask.h"
#include "runtime/try/build.h"
#include "runtime/try/failed_record.h"
#include "runtime/try/output_diff.h"
#include "runtime/try/report.h"

namespace eddy::host {

struct TryOptions {
  std::uint32_t good_records = 1000;   // of each function's source
  std::uint32_t compared = 20;         // letters of a group that would pass and are held against the running build
  std::uint32_t diffs = 0;             // kept of each group and of each function's good records
  std::uint32_t diff_lines = 60;       // of one
  std::uint32_t timeout_ms = 10'000;   // of a call of a function that has no limit of its own
  std::vector<std::string> ignored{};  // JSON pointers into outputs that are not compared
  bool as_configured = false;          // what a function's settings allow it; else neither network nor files
  bool reveal = false;                 // nothing is masked
};

struct TrySpec {
  std::string queue;
  ImagePtr candidate;
  Settings settings;
  Topology topology;  // what runs
  Zygote* zygote = nullptr;
  TryOptions options{};
};

// Where a selected letter stands.
struct TryLetter {
  std::string stream;  // the queue, or its parked one
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
};

// Not thread-safe; what it is given outlives it.
class LetterTrial {
 public:
  // `go_on`: false ends it after the call that runs. `progress`: called with what is known so far, often.
  LetterTrial(TrySpec spec, Transport& transport, std::function<bool()> go_on,
              std::function<void(const TryReport&)> progress);

  // The letters, then good records of their functions. An error: the queue cannot be read; a candidate that faults,
  // hangs or cannot be set up is a result.
  Result<TryReport> run(std::vector<TryLetter> letters);

 private:
  // The builds of one function; `running` null: there is none to hold the candidate against.
  struct Builds {
    std::unique_ptr<TryBuild> candidate, running;
    Mask mask;
    Pointers unstable;
    std::string no_running;  // why
  };

  Result<void> run_letters(std::vector<TryLetter>& letters);
  Result<void> try_letter(const std::string& stream, const Record& record);
  void gone();
  TryGroup& group_of(const DeadLetter& letter);
  std::string why_not(const DeadLetter& letter, const TryGroup& group) const;
  Result<void> run_candidate(const Task& task, const DeadLetter& letter, Builds& builds, TryGroup& group);
  void count(const TryEnding& ending, const DeadLetter& letter, Bytes original, const Builds& builds, TryGroup& group);
  Result<void> compare(const Task& task, const DeadLetter& letter, const TryEnding& ending, Builds& builds,
                       TryGroup& group);
  Result<bool> differs(const Task& task, const DeadLetter* letter, const TryEnding& before, const TryEnding& after,
                       Builds& builds);
  Builds& builds_of(const std::string& function);
  void keep(std::vector<TryDiff>& diffs, std::string record, const TryEnding& before, const TryEnding& after,
            const Builds& builds, Bytes original) const;

  Result<void> run_good_records();
  Result<void> try_good_record(const Record& record, Builds& builds, TryGoodRecords& good);
  static void count_broken(const TryEnding& ending, const std::string& place, std::string message,
                           TryGoodRecords& good);

  const TrySpec spec_;
  Transport& transport_;
  const std::function<bool()> go_on_;
  const std::function<void(const TryReport&)> progress_;
  const TryPlace place_;
  FailedRecords failed_records_;
  LetterReader reader_;
  std::map<std::string, Builds> builds_;  // by function
  TryReport report_;
};

}  // namespace eddy::host
