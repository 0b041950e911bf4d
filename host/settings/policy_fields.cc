// SPDX-License-Identifier: Apache-2.0
#include "settings/policy_fields.h"

#include "settings/binding.h"
#include "settings/field_makers.h"

namespace eddy::host {
namespace {

using F = FunctionSettings;

template <auto Member>
Field retry(Field field) {
  return stored<&F::retry, Member>(std::move(field));
}

template <auto Member>
Field breaker(Field field) {
  return stored<&F::breaker, Member>(std::move(field));
}

template <typename Owner>
void add_limits(std::vector<Field>& all) {
  using L = LetterLimits;
  all.push_back(stored<&Owner::limits, &L::sample>(
      number("sample", 1.0, 0, 1,
             "Share of dead letters that are kept whole; the others are counted. The first 10 of each fingerprint are "
             "always kept.")));
  all.push_back(stored<&Owner::limits, &L::max_per_second>(
      integer("max_per_second", 0, 0, 1'000'000'000, "dead letters per second",
              "Most dead letters of a function that are kept in a second; 0 sets no cap.")));
  all.push_back(stored<&Owner::limits, &L::on_overflow>(choice(
      "on_overflow", "pause", {"pause", "sample"},
      "Above the cap: `pause`: the function waits, nothing is lost; `sample`: what is too much is counted and not "
      "kept.")));
}

}  // namespace

void add_retry(std::vector<Field>& all) {
  using R = RetrySettings;
  all.push_back(retry<&R::max_attempts>(
      integer("retry.max_attempts", 1, 1, 1000, "",
              "Calls made with a record before it is a dead letter, the first one counted; 1: no second attempt.")));
  all.push_back(retry<&R::initial_interval_ms>(
      integer("retry.initial_interval_ms", 1000, 1, 3'600'000, "ms", "Pause before the second attempt.")));
  all.push_back(
      retry<&R::multiplier>(number("retry.multiplier", 2.0, 1, 100, "Growth of the pause from attempt to attempt.")));
  all.push_back(retry<&R::max_interval_ms>(
      integer("retry.max_interval_ms", 60'000, 1, 86'400'000, "ms", "Longest pause, before the jitter.")));
  all.push_back(retry<&R::jitter>(
      number("retry.jitter", 0.2, 0, 1, "Share by which a pause is shorter or longer, so that retries spread out.")));
  all.push_back(retry<&R::mode>(
      choice("retry.mode", "in_place", {"in_place", "stream"},
             "`in_place`: the record waits where it is and order is kept, see `order`; `stream`: it moves to a retry "
             "stream of the function and comes back when it is due, the others flow on.")));
  all.push_back(retry<&R::on>(texts("retry.on", R().on, "Globs on `error_type` that are tried again.")));
  all.push_back(retry<&R::never_on>(texts(
      "retry.never_on", R().never_on,
      "Globs on `error_type` that are not, because the record itself is at fault; the breaker does not count them "
      "either. An error that asks for a retry itself (`eddy::Retryable`) gets one all the same.")));
  all.push_back(stored<&F::order>(choice(
      "order", "partition", {"partition", "key"},
      "What waits behind a record that waits for its next attempt in place: its whole partition, or only records "
      "of the same key.")));
}

void add_breaker(std::vector<Field>& all) {
  using B = BreakerSettings;
  all.push_back(breaker<&B::failure_ratio>(number(
      "breaker.failure_ratio", 0, 0, 1,
      "Share of failed calls within the window that opens the breaker; 0: not judged. The breaker is on when its "
      "section has any key, unless this and `consecutive_failures` are 0.")));
  all.push_back(breaker<&B::min_calls>(
      integer("breaker.min_calls", 10, 1, 1'000'000, "", "Calls in the window before the share counts.")));
  all.push_back(
      breaker<&B::window_ms>(integer("breaker.window_ms", 60'000, 1, 86'400'000, "ms", "Length of the window.")));
  all.push_back(breaker<&B::consecutive_failures>(integer(
      "breaker.consecutive_failures", 5, 0, 1'000'000, "",
      "Failures in a row, over all workers of the function, that open the breaker; 0: not judged. These are dead "
      "letters at most.")));
  all.push_back(breaker<&B::reset_timeout_ms>(
      integer("breaker.reset_timeout_ms", 60'000, 1, 86'400'000, "ms", "Time until an open breaker probes.")));
  all.push_back(breaker<&B::probes>(integer("breaker.probes", 1, 1, 1000, "",
                                            "Calls let through to find out whether it works again; all must succeed to "
                                            "close it, one failure opens it again.")));
  all.push_back(breaker<&B::on_open>(choice(
      "breaker.on_open", "pause", {"pause", "dead_letter"},
      "What an open breaker does: `pause`: consume nothing, lose nothing; `dead_letter`: fail fast, without a call.")));
  all.push_back(breaker<&B::retract_ms>(integer(
      "breaker.retract_ms", 0, 0, 600'000, "ms",
      "How long a unit of work with failures in it may wait for the breaker's judgement: when the breaker opens in "
      "this time, they are taken back and their records are called again after the outage; 0: the failures before "
      "the opening are dead letters.")));
}

void add_function_limits(std::vector<Field>& all) { add_limits<FunctionSettings>(all); }

void add_queue_limits(std::vector<Field>& all) { add_limits<QueueSettings>(all); }

}  // namespace eddy::host
