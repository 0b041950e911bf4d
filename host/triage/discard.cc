// SPDX-License-Identifier: Apache-2.0
#include "triage/discard.h"

#include <algorithm>
#include <deque>
#include <span>

#include "dead_letter/letter_state.h"

namespace eddy::host {

namespace {

constexpr std::size_t kAtOnce = 1000;  // records appended together

Result<void> append(Transport& transport, StreamId states, std::span<const LetterPlace> letters,
                    const Discard& discard) {
  std::deque<LetterStateWriter> written;  // what the records point to
  std::vector<OutRecord> records;
  for (const LetterPlace& letter : letters) {
    records.push_back(written.emplace_back().write({.id = letter.id,
                                                    .queue = discard.queue,
                                                    .state = LetterState::kDiscarded,
                                                    .hops = letter.hops,
                                                    .at_us = discard.at_us,
                                                    .by = discard.by,
                                                    .reason = discard.reason}));
  }
  return transport.append(states, records);
}

}  // namespace

Result<void> discard_letters(Transport& transport, const std::vector<LetterPlace>& letters, const Discard& discard) {
  if (letters.empty()) return {};
  EDDY_ASSIGN(const StreamId states, transport.find_stream(kStateStream));
  std::span<const LetterPlace> left(letters);
  while (!left.empty()) {
    const std::size_t now = std::min(left.size(), kAtOnce);
    EDDY_TRY(append(transport, states, left.first(now), discard));
    left = left.subspan(now);
  }
  return {};
}

}  // namespace eddy::host
