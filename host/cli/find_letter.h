// SPDX-License-Identifier: Apache-2.0
// The letter that an operator names by its id, or by the beginning of it.
#pragma once

#include <functional>
#include <string>

#include "dead_letter/reader.h"
#include "stream/transport.h"

namespace eddy::host {

struct FoundLetter {
  std::string queue;
  Record record;             // as the queue has it
  const DeadLetter* letter;  // as read from it
};

// Calls `visit` for every letter of a queue, partition by partition, oldest first; false ends the walk.
Result<void> walk_letters(Transport& transport, const std::string& queue,
                          const std::function<bool(const Record& record, const DeadLetter& letter)>& visit);

// Calls `use` with the newest letter of that id, which is valid during the call. kBadData when there is none, when more
// than one id begins like this, or when it has left its queue.
Result<int> with_letter(Transport& transport, const std::string& id,
                        const std::function<Result<int>(const FoundLetter& found)>& use);

}  // namespace eddy::host
