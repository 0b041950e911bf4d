// SPDX-License-Identifier: Apache-2.0
// What a letter that is too large gives up, step by step.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "dead_letter/facts.h"

namespace eddy::host {

struct ShedStep {
  std::size_t message_room;  // bytes of the error message inside a JSON string
  bool frames;               // of the fault
  bool extra_headers;        // context headers of an envelope, headers of other tools
  bool lean;                 // only what identifies the failure and decides where the letter goes
  bool original;             // false: a pointer to the origin
  bool original_headers;
  bool key;
};

inline constexpr std::size_t kAnySize = static_cast<std::size_t>(-1);

// The original is given up last of what can be: a pointer helps only as long as the origin is kept. Once it is gone
// there is room again for what was shed for its sake.
inline constexpr std::array<ShedStep, 11> kShedSteps = {{
    {kAnySize, true, true, false, true, true, true},
    {kAnySize, false, true, false, true, true, true},
    {kAnySize, false, false, false, true, true, true},
    {4096, false, false, false, true, true, true},
    {512, false, false, false, true, true, true},
    {128, false, false, true, true, true, true},
    {4096, true, true, false, false, true, true},
    {512, false, false, false, false, true, true},
    {128, false, false, true, false, true, true},
    {128, false, false, true, false, false, true},
    {128, false, false, true, false, false, false},
}};
inline constexpr std::size_t kFirstPointerStep = 6;

// Kept free in a letter's first writing, so that a failure on its way back never pushes the original out.
inline constexpr std::size_t kHopReserve = 1024;

// Cuts facts to a step. Keeps buffers. Not thread-safe.
class Shedder {
 public:
  // Valid until the next call.
  Facts shed(const Facts& facts, const ShedStep& step);

 private:
  std::string message_;
  std::string first_message_;
};

}  // namespace eddy::host
