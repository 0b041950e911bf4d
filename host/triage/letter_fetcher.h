// SPDX-License-Identifier: Apache-2.0
// Letters read from where they stand.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "dead_letter/reader.h"
#include "stream/transport.h"
#include "triage/letter_place.h"

namespace eddy::host {

struct FetchedLetter {
  const Record* record = nullptr;
  const DeadLetter* letter = nullptr;  // null: it is there no longer
  std::int64_t gone_us = 0;            // of a copy: when the letter was found to have left its queue
};

// Browses, so consumes nothing. Not thread-safe.
class LetterFetcher {
 public:
  // `at_once`: records read in one go; more where letters are asked for in the order of their queue.
  explicit LetterFetcher(Transport& transport, std::size_t at_once = 1) : transport_(transport), at_once_(at_once) {}

  // Valid until the next call. What stands there now must be the letter of that id (an empty one: any letter).
  Result<FetchedLetter> fetch(const LetterPlace& place);

 private:
  // Records of one stream, the last that were read.
  struct Window {
    std::unique_ptr<Browser> browser;
    std::span<const Record> records;
    std::uint32_t partition = 0;
  };
  Result<const Record*> find(Window& window, const LetterPlace& place);

  Transport& transport_;
  std::size_t at_once_;
  std::map<std::string, Window> windows_;
  LetterReader reader_;
};

}  // namespace eddy::host
