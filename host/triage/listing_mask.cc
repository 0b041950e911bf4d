// SPDX-License-Identifier: Apache-2.0
#include "triage/listing_mask.h"

namespace eddy::host {

namespace {

constexpr const char* kHidden = "***";

std::string masked_message(const LetterPlace& place, const Mask& mask, LetterFetcher& fetcher) {
  const auto fetched = fetcher.fetch(place);
  if (!fetched || fetched->letter == nullptr) return kHidden;
  return mask.text(fetched->letter->error_message, fetched->letter->original);
}

}  // namespace

Result<void> mask_messages(LetterPage& page, const Mask& mask, LetterFetcher& fetcher) {
  if (!mask.hides()) return {};
  for (LetterRow& letter : page.letters) letter.error_message = masked_message(letter.place, mask, fetcher);
  return {};
}

Result<void> mask_messages(GroupPage& page, const Mask& mask, LetterFetcher& fetcher, TriageIndex& index) {
  if (!mask.hides()) return {};
  for (LetterGroup& group : page.groups) {
    group.error_message = kHidden;
    if (group.samples.empty()) continue;
    EDDY_ASSIGN(const auto sample, index.find(group.samples.front(), 1));
    if (!sample.empty()) group.error_message = masked_message(sample.front().place, mask, fetcher);
  }
  return {};
}

}  // namespace eddy::host
