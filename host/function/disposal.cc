// SPDX-License-Identifier: Apache-2.0
#include "function/disposal.h"

#include "base/hash.h"

namespace eddy::host {

namespace {

// The same record and attempt give the same jitter, also when their unit is run again.
std::uint64_t jitter_seed(const RecordOrigin& origin, std::uint32_t attempts) {
  return static_cast<std::uint64_t>(origin.offset) * 0x9e3779b97f4a7c15u + origin.partition * 0x100000001b3u + attempts;
}

Failure failure_of(const Task& task, const FailureCause& cause, const Binding& binding, std::int64_t now_us) {
  const PluginIdentity& plugin = cause.plugin != nullptr ? *cause.plugin : binding.image->identity;
  Failure failure;
  failure.error_type = cause.type;
  failure.error_message = cause.message;
  failure.function = binding.decl->name;
  failure.plugin = plugin.name;
  failure.plugin_version = plugin.version;
  failure.plugin_build_id = plugin.build_id;
  failure.plugin_sha256 = plugin.sha256;
  failure.stream = task.origin.stream;
  failure.failed_at_us = now_us;
  failure.attempts = std::max(cause.attempts, 1u);
  failure.fault = cause.fault;
  failure.redriven = task.redriven != nullptr;
  return failure;
}

}  // namespace

void Disposal::bind(const Binding& binding) {
  binding_ = &binding;
  retry_.emplace(binding.settings.retry);
  mask_ = Mask(binding.settings.redact);
}

Result<Ending> Disposal::dispose(const Task& task, const DeadLetter* letter, const FailureCause& cause, bool probe,
                                 Session& session, UnitCounts& counts) {
  const bool of_the_record = !cause.called || retry_->is_of_the_record(cause.type, cause.kind);
  if (of_the_record && probe) policies_.breaker.released();
  if (!of_the_record) {
    // The breaker tells its reason to everybody.
    const Bytes original = letter != nullptr ? letter->original : task.record.value;
    const std::string masked = mask_.hides() ? mask_.text(cause.message, original) : std::string();
    const std::string_view message = mask_.hides() ? masked : cause.message;
    if (!policies_.breaker.failed(cause.type, message, cause.kind == EDDY_FAIL_DEPENDENCY_DOWN, probe)) {
      return Ending::not_now(policies_.breaker.due_us());
    }
  }
  const bool again_please = cause.called && retry_->retries(cause.type, cause.kind, cause.attempts);
  auto ending = again_please ? again(task, cause, session, counts) : dead_letter(task, letter, cause, session, counts);
  if (ending) ending->suspicious = !of_the_record;
  return ending;
}

Result<Ending> Disposal::again(const Task& task, const FailureCause& cause, Session& session, UnitCounts& counts) {
  const bool in_place = !binding_->retry || task.redriven != nullptr;  // the retry stream has no place for its letter
  counts.retry(in_place ? Retried::kInPlace : Retried::kStream);
  const std::int64_t delay = retry_->delay_us(cause.attempts, jitter_seed(task.origin, cause.attempts));
  const Wait wait{cause.attempts, clock_.now_us() + delay};
  if (in_place) return Ending::held(wait);
  const RetryStream& stream = *binding_->retry;
  const OutRecord& wrapped =
      retry_record_.wrap(task.record, task.origin, wait, stream.partition_for(cause.attempts, task.origin.partition));
  const auto written = session.write(stream.id, wrapped);
  // With the headers that bring it back it can be too large for a stream that its original was not too large for.
  if (!written && written.error().code == Code::kTooLarge) return Ending::held(wait);
  EDDY_TRY(written);
  return Ending::ended(Outcome::kMoved);
}

Result<Ending> Disposal::dead_letter(const Task& task, const DeadLetter* letter, const FailureCause& cause,
                                     Session& session, UnitCounts& counts) {
  const Failure failure = failure_of(task, cause, *binding_, clock_.now_us());
  const OutRecord& out = letter != nullptr ? writer_.write_again(task.record, *letter, failure, binding_->queue_options)
                                           : writer_.write(task.record, failure, binding_->queue_options);
  // What is no dead letter at all would come back to this function for ever if it stayed in its queue.
  const bool parked = letter != nullptr ? writer_.parked() : binding_->over_queue();
  // A letter that failed again was kept when it was new, and is not to be lost by having been tried.
  if (letter == nullptr) {
    const LetterLimit::Verdict verdict = policies_.limit.admit(writer_.fingerprint(), writer_.id());
    if (verdict.kind == LetterLimit::Kind::kWait) return Ending::not_now(verdict.until_us);
    if (verdict.kind != LetterLimit::Kind::kKeep) {
      counts.dropped(verdict.kind == LetterLimit::Kind::kCapped ? Dropped::kCap : Dropped::kSample);
      return count_letter(task, cause, counts);
    }
    if (policies_.limit.active()) kept_.emplace_back(writer_.fingerprint(), verdict);
  }
  EDDY_TRY(session.write(parked ? binding_->parked_id : binding_->queue_id, out));
  return count_letter(task, cause, counts);
}

void Disposal::aborted() {
  for (const auto& [fingerprint, verdict] : kept_) policies_.limit.undo(fingerprint, verdict);
  kept_.clear();
}

Result<Ending> Disposal::count_letter(const Task& task, const FailureCause& cause, UnitCounts& counts) {
  counts.outcome(Outcome::kDeadLettered);
  counts.dead_letter(cause.type);
  if (binding_->recovers() || task.redriven != nullptr) counts.recovery(Recovery::kFailed);
  return Ending::ended(Outcome::kDeadLettered);
}

}  // namespace eddy::host
