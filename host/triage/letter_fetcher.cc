// SPDX-License-Identifier: Apache-2.0
#include "triage/letter_fetcher.h"

#include <algorithm>

namespace eddy::host {

Result<FetchedLetter> LetterFetcher::fetch(const LetterPlace& place) {
  Window& window = windows_[place.queue];
  if (window.browser == nullptr) {
    EDDY_ASSIGN(window.browser, transport_.open_browser(place.queue));
  }
  EDDY_ASSIGN(const Record* record, find(window, place));
  if (record == nullptr) return FetchedLetter{};
  const auto letter = reader_.read(*record);
  if (!letter && letter.error().code == Code::kConfig) return letter.error();  // encrypted, and the key is not here
  if (!letter || (!place.id.empty() && (*letter)->id != place.id)) return FetchedLetter{};
  return FetchedLetter{record, *letter, 0};
}

Result<const Record*> LetterFetcher::find(Window& window, const LetterPlace& place) {
  const auto look = [&]() -> const Record* {
    if (window.records.empty() || window.partition != place.partition) return nullptr;
    const auto at = std::lower_bound(window.records.begin(), window.records.end(), place.offset,
                                     [](const Record& record, std::int64_t offset) { return record.offset < offset; });
    return at != window.records.end() && at->offset == place.offset ? &*at : nullptr;
  };
  if (const Record* record = look()) return record;
  EDDY_ASSIGN(window.records, window.browser->read(place.partition, place.offset, at_once_));
  window.partition = place.partition;
  return look();
}

}  // namespace eddy::host
