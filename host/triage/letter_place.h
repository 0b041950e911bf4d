// SPDX-License-Identifier: Apache-2.0
// Where a letter stands: enough to read it and to say what became of it.
#pragma once

#include <cstdint>
#include <string>

namespace eddy::host {

struct LetterPlace {
  std::string queue;  // the stream that holds it: of a parked letter the queue's parked one
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
  std::string id{};
  std::uint32_t hops = 0;  // the letter's version: failures after the first
  bool operator==(const LetterPlace&) const = default;
};

}  // namespace eddy::host
