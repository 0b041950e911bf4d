// SPDX-License-Identifier: Apache-2.0
// The letter that an operator names by its id, or by the beginning of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dead_letter/reader.h"
#include "triage/letter_fetcher.h"
#include "triage/triage_index.h"

namespace eddy::host {

struct NamedLetter {
  LetterRow row;          // of a copy without its message, which only the letter has
  FetchedLetter fetched;  // there for certain
};

// Looks into its queue; of one that has left that, for the copy that the index may have. Not thread-safe.
class LetterLookup {
 public:
  LetterLookup(TriageIndex& index, Transport& transport) : index_(index), fetcher_(transport) {}

  // Valid until the next call. None: there is no such letter, or no longer. kBadData: more than one begins like this.
  Result<std::optional<NamedLetter>> find(const std::string& id);

 private:
  Result<std::optional<NamedLetter>> find_copy(const std::string& id);

  TriageIndex& index_;
  LetterFetcher fetcher_;
  LetterReader reader_;
  std::vector<KeptLetter> kept_;
  Record record_;  // of the copy
};

}  // namespace eddy::host
