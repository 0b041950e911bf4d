// SPDX-License-Identifier: Apache-2.0
#include "runtime/function_trial.h"

#include <algorithm>

#include "dead_letter/mask.h"
#include "function/process/process_caller.h"
#include "function/runner.h"
#include "function/thread_caller.h"
#include "runtime/bind_alone.h"
#include "runtime/host_view.h"
#include "runtime/last_records.h"

namespace eddy::host {

namespace {

Task task_of(const Record& record, std::string_view stream) {
  return {record, {stream, record.partition, record.offset}};
}

}  // namespace

bool FunctionTrial::goes_on() const {
  return go_on_() && report_.figures.fatal.empty() && !fresh_->poisoned() && !stable_->poisoned();
}

Result<std::unique_ptr<FunctionCaller>> FunctionTrial::caller_of(const ImagePtr& image) const {
  std::map<std::string, ModelPtr> streams;
  for (const auto& [name, stream] : spec_.topology.streams) {
    if (!stream.queue) streams[name] = stream.model;
  }
  EDDY_ASSIGN(const BindingPtr bound, bind_alone(image, spec_.settings, decl_.name, streams));
  auto binding = std::make_shared<Binding>(*bound);
  std::uint32_t& timeout = binding->settings.timeout_ms;
  const std::uint32_t budget = spec_.settings.canary.budget_ms;
  timeout = timeout == 0 ? budget : std::min(timeout, budget);
  if (spec_.zygote == nullptr) {
    EDDY_ASSIGN(std::unique_ptr<FunctionCaller> caller, ThreadCaller::create(std::move(binding), guard_));
    return caller;
  }
  const bool sandboxed = binding->settings.isolation == Isolation::kProcess;
  binding->placement = sandboxed ? Placement::kSandbox : Placement::kContained;
  EDDY_ASSIGN(std::unique_ptr<FunctionCaller> caller,
              ProcessCaller::create(std::move(binding), *spec_.zygote, [this] { return !go_on_(); }));
  return caller;
}

bool FunctionTrial::set_up() {
  auto stable = caller_of(spec_.stable);
  if (!stable) return false;  // nothing to hold the new one against
  auto fresh = caller_of(spec_.candidate);
  if (!fresh) {
    report_.figures.fatal = fresh.error().text;
    return false;
  }
  stable_ = *std::move(stable);
  fresh_ = *std::move(fresh);
  return true;
}

void FunctionTrial::run() {
  if (!set_up()) return;
  static_cast<void>(try_records());
  if (decl_.input != EDDY_INPUT_DEAD_LETTER) static_cast<void>(try_letters());
}

Result<void> FunctionTrial::try_records() {
  return visit_last(
      transport_, group_of(decl_.name), decl_.source, spec_.settings.canary.records, [this] { return goes_on(); },
      [this](const Record& record) { try_record(record); });
}

void FunctionTrial::try_record(const Record& record) {
  if (decl_.input != EDDY_INPUT_DEAD_LETTER) return compare(task_of(record, decl_.source), nullptr);
  const auto letter = reader_.read(record);
  if (!letter || (!(*letter)->returned_by.empty() && (*letter)->returned_by != decl_.name)) return;
  compare(task_of(record, decl_.source), *letter);
}

void FunctionTrial::compare(const Task& task, const DeadLetter* letter) {
  CanaryFigures& figures = report_.figures;
  const auto why = failure_of(*fresh_, task, letter);
  if (why && dependency_down_) return;
  ++figures.calls;
  if (!why) return;
  const bool faulted = faulted_;
  const bool fails_too = failure_of(*stable_, task, letter).has_value();
  if (faulted && answered_ && !faulted_) figures.fatal = *why;
  if (fails_too) return;
  ++figures.broken;
  if (figures.first.empty()) figures.first = *why;
}

std::optional<std::string> FunctionTrial::failure_of(FunctionCaller& caller, const Task& task,
                                                     const DeadLetter* letter) {
  faulted_ = false;
  answered_ = true;
  auto cause = caller.prepare(task, letter);
  if (!cause) {
    const auto called = caller.call();
    answered_ = called.ok();
    if (!called) return called.error().text;
    cause = called->cause;
    faulted_ = called->faulted();
  }
  dependency_down_ = cause && cause->kind == EDDY_FAIL_DEPENDENCY_DOWN;
  if (!cause) return std::nullopt;
  return decl_.name + " at " + std::string(task.origin.stream) + "/" + std::to_string(task.origin.partition) + "/" +
         std::to_string(task.origin.offset) + ": " + std::string(cause->type) + ": " +
         Mask(spec_.settings.redact(decl_.name, queue()))
             .text(cause->message, letter != nullptr ? letter->original : task.record.value);
}

std::string FunctionTrial::queue() const {
  const std::string own = spec_.settings.function(decl_.name).dead_letter_queue;
  if (!own.empty()) return own;
  const auto function = spec_.topology.functions.find(decl_.name);
  return function != spec_.topology.functions.end() ? function->second.dead_letter_queue : std::string();
}

Result<void> FunctionTrial::try_letters() {
  const std::string name = queue();
  const std::int64_t most = spec_.settings.canary.letters;
  if (name.empty() || most == 0) return {};
  EDDY_ASSIGN(const auto open, open_positions(name, spec_.topology, transport_));
  EDDY_ASSIGN(const auto browser, transport_.open_browser(name));
  const std::uint64_t until = report_.letters + static_cast<std::uint64_t>(most);
  for (const auto& [partition, position] : open) {
    const std::int64_t from = std::max({position.begin, position.committed, position.end - most});
    EDDY_TRY(visit_range(
        *browser, partition, from, position.end, [&] { return goes_on() && report_.letters < until; },
        [this](const Record& record) { try_letter(record); }));
  }
  return {};
}

// One that its predecessor is known to have faulted on is not tried: it may fault again. A worker process that was
// killed leaves no such word: the predecessor is asked once more before a fault is the new build's.
void FunctionTrial::try_letter(const Record& record) {
  const auto read = reader_.read(record);
  if (!read) return;
  const DeadLetter& letter = **read;
  if (letter.function != decl_.name || letter.truncated || !letter.fault_json.empty()) return;
  ++report_.letters;
  const Record original = original_of(letter);
  const Task task = task_of(original, letter.origin_stream);
  const auto why = failure_of(*fresh_, task, nullptr);
  if (!why) ++report_.passed;
  if (!faulted_) return;
  static_cast<void>(failure_of(*stable_, task, nullptr));
  if (answered_ && !faulted_) report_.figures.fatal = *why;
}

}  // namespace eddy::host
