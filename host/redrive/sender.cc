// SPDX-License-Identifier: Apache-2.0
#include "redrive/sender.h"

#include <algorithm>

#include "dead_letter/queue_names.h"

namespace eddy::host {

namespace {

constexpr std::size_t kPolledAtOnce = 1000;
// The time of writing. With that of its original, retention may delete a record before anybody has read it.
constexpr std::int64_t kNow = 0;

std::string group_of_redrive(const std::string& id) { return "eddy-redrive-" + id; }

}  // namespace

Sender::Sender(const RedriveContext& context, const RedriveSpec& spec, const Selection& selection, Meet meet)
    : context_(context),
      spec_(spec),
      selection_(selection),
      meet_(std::move(meet)),
      group_(group_of_redrive(spec.id)),
      queue_(base_queue(spec.queue)),
      router_(context.transport, context.targets, queue_, spec.to, spec.over_budget) {}

Result<std::unique_ptr<Sender>> Sender::open(const RedriveContext& context, const RedriveSpec& spec,
                                             const Selection& selection, Meet meet) {
  std::unique_ptr<Sender> sender(new Sender(context, spec, selection, std::move(meet)));
  EDDY_ASSIGN(sender->states_id_, context.transport.find_stream(kStateStream));
  EDDY_ASSIGN(sender->session_, context.transport.open_session({.group = sender->group_, .stream = spec.queue}));
  return sender;
}

Result<void> Sender::idle(std::chrono::milliseconds wait) {
  if (!paused_) session_->pause();
  paused_ = true;
  EDDY_TRY(session_->poll(wait, 1));
  return {};
}

// An index with other masks than those in force would be made anew for the host, and the host's for it, in turns.
Result<void> Sender::catch_up() {
  std::string masks = context_.masks ? context_.masks() : std::string();
  if (index_ == nullptr || masks != masks_) {
    EDDY_ASSIGN(index_, context_.open_index());
    masks_ = std::move(masks);
  }
  EDDY_TRY(index_->catch_up(std::span(&queue_, 1)));
  return {};
}

Result<std::uint64_t> Sender::send(std::chrono::milliseconds wait, std::uint64_t most,
                                   std::map<std::string, std::uint64_t>& left_out) {
  if (paused_) session_->resume();
  paused_ = false;
  sent_ = 0;
  recovered_us_.clear();
  left_out_.clear();
  EDDY_TRY(catch_up());
  auto batch = session_->poll(wait, kPolledAtOnce);
  if (!batch) return batch.take_error();
  for (const Record& record : *batch) {
    const Selection::Letter* const wanted = selection_.find(record.partition, record.offset);
    if (wanted == nullptr) {
      session_->end(record, Outcome::kFiltered);
    } else if (sent_ == most) {
      break;  // comes again
    } else if (auto taken = take(record, *wanted); !taken) {
      EDDY_TRY(abort(taken.error()));
    }
  }
  if (auto committed = session_->commit(); !committed) EDDY_TRY(abort(committed.error()));
  if (!recovered_us_.empty()) context_.targets.recovered(queue_, recovered_us_);
  for (const auto& [reason, letters] : left_out_) left_out[reason] += letters;
  return sent_;
}

// The error is that of the unit, unless even giving it up fails.
Result<void> Sender::abort(const Error& why) {
  EDDY_TRY(session_->abort());
  return why;
}

Result<void> Sender::take(const Record& record, const Selection::Letter& wanted) {
  const auto letter = reader_.read(record);
  if (!letter) {
    leave_out(record, letter.error().text);
    return {};
  }
  if ((*letter)->id != wanted.id) {
    leave_out(record, "it is another letter than when it was selected");
    return {};
  }
  EDDY_ASSIGN(const bool as_selected, is_as_selected(record, wanted));
  if (!as_selected) {
    leave_out(record, "something else became of it since it was selected");
    return {};
  }
  EDDY_ASSIGN(const LetterRoute route, router_.route(**letter));
  if (!route.sent()) {
    leave_out(record, route.reason);
    return {};
  }
  return write(record, **letter, route);
}

void Sender::leave_out(const Record& record, const std::string& reason) {
  ++left_out_[reason];
  session_->end(record, Outcome::kFiltered);
}

// Whoever was about it since: another redrive, a recovery function, an operator. Times do not tell: what they say of it
// carries the time of its writing, and holds from its commit on, which may be after the selection. A letter that failed
// again stands further behind in the queue, and is not this record.
Result<bool> Sender::is_as_selected(const Record& record, const Selection::Letter& wanted) {
  EDDY_ASSIGN(auto now, index_->standing_of(wanted.id));
  if (!now) {  // the index may just have been made anew
    EDDY_TRY(catch_up());
    EDDY_ASSIGN(now, index_->standing_of(wanted.id));
  }
  const LetterPlace place{spec_.queue, record.partition, record.offset, wanted.id, wanted.hops};
  if (!now || now->place != place) return false;
  const bool untouched = now->state == LetterState::kOpen || now->state == LetterState::kParked;
  if (untouched || !wanted.mark) return untouched && !wanted.mark;
  EDDY_ASSIGN(const auto state, index_->state_of(wanted.id));
  return state && *wanted.mark == Selection::Mark{state->state, state->at_us};
}

Result<StreamId> Sender::id_of(const LetterRoute& route) {
  if (const auto known = ids_.find(route.stream); known != ids_.end()) return known->second;
  EDDY_ASSIGN(const StreamId found, context_.transport.find_stream(route.stream));
  if (!route.function.empty()) {
    EDDY_TRY(meet_(route.function));
    streams_[route.function] = route.stream;
  }
  ids_.emplace(route.stream, found);
  return found;
}

Result<void> Sender::write(const Record& record, const DeadLetter& letter, const LetterRoute& route) {
  EDDY_ASSIGN(const StreamId id, id_of(route));
  const bool through_api = !route.elements.empty();
  const OutRecord plain{route.original.key, route.original.value, route.original.headers, kNow, {}};
  const OutRecord& out = through_api || route.function.empty() ? plain : wrapper_.wrap(record, spec_.id, queue_);
  const auto written = through_api ? write_elements(route, id) : session_->write(id, out);
  if (!written && (written.error().code == Code::kTooLarge || written.error().code == Code::kBadData)) {
    leave_out(record, written.error().text);
    return {};
  }
  EDDY_TRY(written);
  EDDY_TRY(write_states(letter, through_api));
  session_->end(record, Outcome::kDelivered);
  ++sent_;
  return {};
}

// All or none: once the first is in the unit, the refusal of another is not one of the letter.
Result<void> Sender::write_elements(const LetterRoute& route, StreamId to) {
  for (const Readmitted::Element& element : route.elements) {
    const Bytes key = element.key ? Bytes(*element.key) : Bytes();
    const auto written = session_->write(to, {key, Bytes(element.value), route.original.headers, kNow, {}});
    if (!written && &element != &route.elements.front()) return Error{Code::kUnavailable, written.error().text};
    EDDY_TRY(written);
  }
  return {};
}

// What an API takes has passed what it failed on: nobody tells so later, so it is told now.
Result<void> Sender::write_states(const DeadLetter& letter, bool recovered) {
  LetterStateRecord state{.id = std::string(letter.id),
                          .queue = queue_,
                          .state = LetterState::kRedriven,
                          .hops = letter.hops,
                          .at_us = context_.clock.now_us(),
                          .by = spec_.by,
                          .redrive = spec_.id};
  EDDY_TRY(session_->write(states_id_, states_.write(state)));
  if (!recovered) return {};
  state.state = LetterState::kRecovered;
  state.by = "ingest API " + std::string(letter.route);
  state.recovery_us = std::max<std::int64_t>(0, state.at_us - letter.first_failure_us());
  recovered_us_.push_back(state.recovery_us);
  return session_->write(states_id_, states_.write(state));
}

Result<std::uint64_t> Sender::reached() const {
  EDDY_ASSIGN(const auto positions, context_.transport.positions(group_, spec_.queue));
  std::uint64_t reached = 0;
  for (const Position& position : positions) {
    reached += selection_.before(position.partition, std::max(position.committed, position.begin));
  }
  return reached;
}

}  // namespace eddy::host
