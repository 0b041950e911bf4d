// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/letter_trial.h"

#include <algorithm>
#include <tuple>

#include "runtime/trial.h"

namespace eddy::host {

namespace {

constexpr std::size_t kLettersAtOnce = 500;
// A group that the candidate faults on again and again is known well enough: each fault costs a process, each hang its
// whole time.
constexpr std::uint64_t kMostFaultsOfGroup = 100;
constexpr std::uint64_t kMostHangsOfGroup = 3;

bool over_queue(const FunctionDecl& decl) { return decl.input == EDDY_INPUT_DEAD_LETTER; }

}  // namespace

LetterTrial::LetterTrial(TrySpec spec, Transport& transport, std::function<bool()> go_on,
                         std::function<void(const TryReport&)> progress)
    : spec_(std::move(spec)),
      transport_(transport),
      go_on_(std::move(go_on)),
      progress_(std::move(progress)),
      place_{spec_.settings, spec_.topology,           *spec_.zygote,
             go_on_,         spec_.options.timeout_ms, spec_.options.as_configured},
      failed_records_(transport) {
  report_.queue = spec_.queue;
  report_.candidate = spec_.candidate->identity;
}

Result<TryReport> LetterTrial::run(std::vector<TryLetter> letters) {
  EDDY_TRY(run_letters(letters));
  EDDY_TRY(run_good_records());
  report_.ended = go_on_();
  progress_(report_);
  return report_;
}

// Read in the order of the queue, so that letters beside each other are read at once.
Result<void> LetterTrial::run_letters(std::vector<TryLetter>& letters) {
  std::ranges::sort(letters, {}, [](const TryLetter& one) { return std::tie(one.stream, one.partition, one.offset); });
  std::unique_ptr<Browser> browser;
  std::string stream;
  std::span<const Record> records;
  for (const TryLetter& wanted : letters) {
    if (!go_on_()) return {};
    if (browser == nullptr || stream != wanted.stream) {
      EDDY_ASSIGN(browser, transport_.open_browser(wanted.stream));
      stream = wanted.stream;
      records = {};
    }
    const bool read = !records.empty() && records.front().partition == wanted.partition &&
                      records.front().offset <= wanted.offset && wanted.offset <= records.back().offset;
    if (!read) {
      EDDY_ASSIGN(records, browser->read(wanted.partition, wanted.offset, kLettersAtOnce));
    }
    const auto found = std::ranges::find(records, wanted.offset, &Record::offset);
    ++report_.selected;
    if (found == records.end()) {
      gone();
    } else {
      EDDY_TRY(try_letter(stream, *found));
    }
    progress_(report_);
  }
  return {};
}

void LetterTrial::gone() {
  TryGroup& group = report_.groups[""];
  ++group.letters;
  ++group.not_tried["it has left its queue: its retention has passed"];
}

TryGroup& LetterTrial::group_of(const DeadLetter& letter) {
  const auto [at, first] = report_.groups.try_emplace(std::string(letter.fingerprint));
  TryGroup& group = at->second;
  if (first) {
    group.fingerprint = letter.fingerprint;
    group.function = letter.function;
    group.error_type = letter.error_type;
    group.error_message = builds_of(group.function).mask.text_of(letter, letter.error_message);
  }
  return group;
}

std::string LetterTrial::why_not(const DeadLetter& letter, const TryGroup& group) const {
  if (letter.source == "api")
    return "it failed at the ingest API, before any function saw it: send it again, corrected";
  if (letter.source == "table") return "the database refused its row: no function failed on it";
  if (spec_.candidate->function(letter.function) == nullptr) {
    return "the candidate has no function " + std::string(letter.function);
  }
  if (group.hangs >= kMostHangsOfGroup) {
    return "the candidate has hung on " + std::to_string(kMostHangsOfGroup) + " letters of the group";
  }
  if (group.faults < kMostFaultsOfGroup) return "";
  return "the candidate has faulted on " + std::to_string(kMostFaultsOfGroup) + " letters of the group";
}

Result<void> LetterTrial::try_letter(const std::string& stream, const Record& record) {
  const auto read = reader_.read(record);
  if (!read) {
    TryGroup& group = report_.groups[""];
    ++group.letters;
    ++group.not_tried["it cannot be read: " + read.error().text];
    return {};
  }
  const DeadLetter& letter = **read;
  TryGroup& group = group_of(letter);
  ++group.letters;
  if (const std::string reason = why_not(letter, group); !reason.empty()) {
    ++group.not_tried[reason];
    return {};
  }
  Builds& builds = builds_of(group.function);
  if (over_queue(*builds.candidate->decl())) {
    return run_candidate({record, {stream, record.partition, record.offset}, 0}, letter, builds, group);
  }
  const auto task = failed_records_.of(letter);
  if (task) return run_candidate(*task, letter, builds, group);
  ++group.not_tried[task.error().text];
  return {};
}

Result<void> LetterTrial::run_candidate(const Task& task, const DeadLetter& letter, Builds& builds, TryGroup& group) {
  const bool as_letter = over_queue(*builds.candidate->decl());
  const auto ending = builds.candidate->run(task, as_letter ? &letter : nullptr);
  if (!ending) return {};  // it is to end: the letter stays unsaid
  count(*ending, letter, as_letter ? letter.original : task.record.value, builds, group);
  if (ending->failed() || builds.running == nullptr || group.passed() > spec_.options.compared) return {};
  return compare(task, letter, *ending, builds, group);
}

void LetterTrial::count(const TryEnding& ending, const DeadLetter& letter, Bytes original, const Builds& builds,
                        TryGroup& group) {
  if (ending.kind == TryEnding::Kind::kDelivered) ++group.delivered;
  if (ending.kind == TryEnding::Kind::kFiltered) ++group.filtered;
  if (!ending.failed()) return;
  group.faults += ending.faulted ? 1 : 0;
  group.hangs += ending.hung ? 1 : 0;
  if (ending.fingerprint == letter.fingerprint) {
    ++group.same_cause;
    return;
  }
  TryCause& cause = group.other_causes[ending.fingerprint];
  if (cause.letters++ != 0) return;
  cause.fingerprint = ending.fingerprint;
  cause.error_type = ending.error_type;
  cause.error_message = builds.mask.text(ending.error_message, original);
  cause.sample_id = letter.id;
}

Result<void> LetterTrial::compare(const Task& task, const DeadLetter& letter, const TryEnding& ending, Builds& builds,
                                  TryGroup& group) {
  const DeadLetter* const as_letter = over_queue(*builds.candidate->decl()) ? &letter : nullptr;
  const auto before = builds.running->run(task, as_letter);
  if (!before) return {};
  bool shows = before->failed();  // what comes of the letter that never was
  if (!before->failed()) {
    EDDY_ASSIGN(shows, differs(task, as_letter, *before, ending, builds));
    ++group.compared;
    group.output_differs += shows ? 1 : 0;
  }
  const Bytes original = as_letter != nullptr ? letter.original : task.record.value;
  if (shows) keep(group.diffs, std::string(letter.id), *before, ending, builds, original);
  return {};
}

// What differs between two runs of the running build is no difference of the candidate's.
Result<bool> LetterTrial::differs(const Task& task, const DeadLetter* letter, const TryEnding& before,
                                  const TryEnding& after, Builds& builds) {
  if (before.kind != after.kind) return true;
  if (same_outputs(before.outputs, after.outputs, builds.unstable)) return false;
  const auto again = builds.running->run(task, letter);
  if (!again || again->failed()) return true;
  builds.unstable.merge(unstable_members(before.outputs, again->outputs));
  return !same_outputs(before.outputs, after.outputs, builds.unstable);
}

void LetterTrial::keep(std::vector<TryDiff>& diffs, std::string record, const TryEnding& before, const TryEnding& after,
                       const Builds& builds, Bytes original) const {
  if (diffs.size() >= spec_.options.diffs) return;
  const auto shown = [&](std::string_view value) { return builds.mask.output(value, original); };
  std::string text = unified_diff(before.outputs, after.outputs, builds.unstable, shown, spec_.options.diff_lines);
  // Nothing comes out of either, as of a letter that the candidate filters: the counts say so.
  if (!text.empty()) diffs.push_back({std::move(record), std::move(text)});
}

LetterTrial::Builds& LetterTrial::builds_of(const std::string& function) {
  const auto [at, first] = builds_.try_emplace(function);
  Builds& builds = at->second;
  if (!first) return builds;
  if (!spec_.options.reveal) builds.mask = Mask(spec_.settings.redact(function, spec_.queue));
  builds.unstable.insert(spec_.options.ignored.begin(), spec_.options.ignored.end());
  const FunctionDecl* const fresh = spec_.candidate->function(function);
  if (fresh == nullptr) return builds;
  builds.candidate = std::make_unique<TryBuild>(spec_.candidate, function, place_);
  const auto running = spec_.topology.functions.find(function);
  if (running == spec_.topology.functions.end()) {
    builds.no_running = "no build of it runs";
  } else if (fresh->kind == EDDY_FUNCTION_CONSUMER) {
    builds.no_running = "a consumer has no outputs";
  } else if (!comparable(*fresh, running->second.decl)) {
    builds.no_running = "the candidate reads another source, or reads it another way";
  } else {
    builds.running = std::make_unique<TryBuild>(running->second.image, function, place_);
    if (!builds.running->set_up_failure().empty()) {
      builds.no_running = "the running build cannot be set up: " + builds.running->set_up_failure();
      builds.running.reset();
    }
  }
  return builds;
}

}  // namespace eddy::host
