// SPDX-License-Identifier: Apache-2.0
// The second half of a trial: records that are good today.
#include <algorithm>

#include "function/runner.h"
#include "runtime/last_records.h"
#include "runtime/try/letter_trial.h"

namespace eddy::host {

namespace {

constexpr std::uint64_t kMostFaults = 20;

std::string place_of(const Task& task) {
  return std::string(task.origin.stream) + "/" + std::to_string(task.origin.partition) + "/" +
         std::to_string(task.origin.offset);
}

}  // namespace

Result<void> LetterTrial::run_good_records() {
  for (auto& [function, builds] : builds_) {
    if (builds.candidate == nullptr || spec_.options.good_records == 0 || !go_on_()) continue;
    TryGoodRecords& good = report_.good_records.emplace_back();
    good.function = function;
    good.not_compared = builds.no_running;
    if (builds.running == nullptr) continue;
    Result<void> tried;
    const auto goes_on = [&] { return go_on_() && tried.ok() && good.failed < kMostFaults; };
    const auto visit = [&, &own = builds](const Record& record) {
      tried = try_good_record(record, own, good);
      progress_(report_);
    };
    auto read = visit_last(transport_, eddy::host::group_of(function), builds.candidate->decl()->source,
                           spec_.options.good_records, goes_on, visit);
    EDDY_TRY(std::move(tried));
    if (!read) good.not_compared = read.error().text;
    if (read && good.records == 0) good.not_compared = "its source holds no record that the running build passes";
    good.unstable.assign(builds.unstable.begin(), builds.unstable.end());
  }
  return {};
}

// What the running build fails on is no good record: it is, or would be, a dead letter.
Result<void> LetterTrial::try_good_record(const Record& record, Builds& builds, TryGoodRecords& good) {
  const FunctionDecl& decl = *builds.candidate->decl();
  const Task task{record, {decl.source, record.partition, record.offset}, 0};
  const DeadLetter* letter = nullptr;
  if (decl.input == EDDY_INPUT_DEAD_LETTER) {
    const auto read = reader_.read(record);
    if (!read || (!(*read)->returned_by.empty() && (*read)->returned_by != decl.name)) return {};
    letter = *read;
  }
  const auto before = builds.running->run(task, letter);
  if (!before || before->failed()) return {};
  const auto after = builds.candidate->run(task, letter);
  if (!after) return {};
  ++good.records;
  const Bytes original = letter != nullptr ? letter->original : record.value;
  if (after->failed()) {
    ++good.failed;
    count_broken(*after, place_of(task), builds.mask.text(after->error_message, original), good);
    return {};
  }
  EDDY_ASSIGN(const bool other, differs(task, letter, *before, *after, builds));
  ++(other ? good.differ : good.same);
  if (other) keep(good.diffs, place_of(task), *before, *after, builds, original);
  return {};
}

void LetterTrial::count_broken(const TryEnding& ending, const std::string& place, std::string message,
                               TryGoodRecords& good) {
  const auto known = std::ranges::find(good.causes, ending.fingerprint, &TryCause::fingerprint);
  if (known != good.causes.end()) {
    ++known->letters;
    return;
  }
  good.causes.push_back({ending.fingerprint, ending.error_type, std::move(message), 1, place});
}

}  // namespace eddy::host
