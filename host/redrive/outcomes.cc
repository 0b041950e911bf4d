// SPDX-License-Identifier: Apache-2.0
#include "redrive/outcomes.h"

#include <algorithm>

#include "dead_letter/letter_state.h"
#include "dead_letter/queue_names.h"
#include "triage/triage_index.h"

namespace eddy::host {

namespace {

constexpr std::size_t kReadAtOnce = 1000;
constexpr std::int64_t kSkewUs = 300'000'000;  // between the clocks of hosts

}  // namespace

Outcomes::Outcomes(Transport& transport, std::string id, const std::string& queue, std::int64_t since_us)
    : transport_(transport), id_(std::move(id)), since_us_(since_us - kSkewUs) {
  watch(queue);
}

void Outcomes::watch(const std::string& queue) {
  const std::string base = base_queue(queue);
  streams_.insert({base, base + kParkedSuffix});
}

// The queues' ends are asked for first: whatever is below them was sent before, so the states, read next, tell it.
Result<void> Outcomes::catch_up() {
  std::map<std::string, Ends> letters;
  for (const std::string& stream : streams_) {
    EDDY_ASSIGN(letters[stream], ends_of(stream));
  }
  EDDY_ASSIGN(const Ends states, ends_of(kStateStream));
  EDDY_TRY(read_to(kStateStream, states, [this](const Record& record) { take_state(record); }));
  const auto take = [this](const Record& record) { take_letter(record); };
  for (const auto& [stream, ends] : letters) EDDY_TRY(read_to(stream, ends, take));
  return {};
}

// None: there is no such stream.
Result<Outcomes::Ends> Outcomes::ends_of(const std::string& stream) {
  auto positions = transport_.positions("", stream);
  if (!positions && positions.error().code == Code::kBadData) return Ends();
  return positions;
}

Result<void> Outcomes::read_to(const std::string& stream, const Ends& ends, const Take& take) {
  for (const Position& position : ends) {
    std::int64_t& next = next_.try_emplace({stream, position.partition}, position.begin).first->second;
    while (next < position.end) {
      std::unique_ptr<Browser>& browser = browsers_[stream];
      if (browser == nullptr) {
        EDDY_ASSIGN(browser, transport_.open_browser(stream));
      }
      const auto most = std::min(kReadAtOnce, static_cast<std::size_t>(position.end - next));
      EDDY_ASSIGN(const auto records, browser->read(position.partition, next, most));
      if (records.empty()) break;  // markers of the transport alone
      for (const Record& record : records) {
        if (record.offset < position.end && record.timestamp_us >= since_us_) take(record);
      }
      next = std::min(records.back().offset + 1, position.end);  // offsets have gaps: what is beyond comes again
    }
  }
  return {};
}

// Compaction keeps the last state of a letter alone: that this redrive recovered it says that it was sent, too.
void Outcomes::take_state(const Record& record) {
  const auto state = read_letter_state(record);
  if (!state || state->redrive != id_) return;
  const bool recovered = state->state == LetterState::kRecovered;
  if (!recovered && state->state != LetterState::kRedriven) return;
  Sent& sent = sent_.try_emplace(state->id, Sent{state->hops}).first->second;
  if (!recovered || sent.over) return;
  sent.over = true;
  ++recovered_;
}

void Outcomes::take_letter(const Record& record) {
  if (sent_.empty()) return;
  const auto read = reader_.read(record);
  if (!read) return;
  const DeadLetter& letter = **read;
  const auto sent = sent_.find(std::string(letter.id));
  if (sent == sent_.end() || sent->second.over || letter.hops <= sent->second.hops) return;
  sent->second.over = true;
  ++failed_again_;
  last_failure_ = std::string(letter.error_type) + ": " + std::string(letter.error_message);
}

}  // namespace eddy::host
