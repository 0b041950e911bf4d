// SPDX-License-Identifier: Apache-2.0
// One thing that somebody is told.
#pragma once

#include <cstdint>
#include <string>

#include "dead_letter/letter.h"
#include "dead_letter/mask.h"

namespace eddy::host::webhook {

struct Notice {
  std::string id;     // of the thing: whoever tells it again, another host too, gives it the same
  std::string event;  // new_group, rate
  std::string queue;
  std::int64_t at_us = 0;
  // Of a new group: its first letter.
  std::string fingerprint, error_type, error_message, function, plugin, plugin_version, letter;
  // Of a rate, in letters per minute.
  double rate = 0, usual = 0;
};

// Notices go to others: what `mask` hides of the letter's message is not in them.
Notice new_group(const std::string& queue, const DeadLetter& letter, const Mask& mask);
Notice high_rate(const std::string& queue, std::int64_t window_start_us, std::int64_t at_us, double rate, double usual);

// The body. `left_out`: notices that were not sent since the last one.
std::string to_json(const Notice& notice, std::uint64_t left_out);

}  // namespace eddy::host::webhook
