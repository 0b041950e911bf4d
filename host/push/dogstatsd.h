// SPDX-License-Identifier: Apache-2.0
// Samples as DogStatsD writes them: "eddy.records:12|c|#function:score,outcome:delivered".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "push/sample.h"

namespace eddy::host::push {

struct DogStatsdForm {
  std::string prefix;             // "eddy."
  std::vector<std::string> tags;  // on every line
};

// Counters are `c`, gauges `g`, values of a histogram distributions, `d`, with the sample rate that says how many there
// were. What would end a tag or a line is replaced by an underscore.
std::string dogstatsd_line(const DogStatsdForm& form, const Sample& sample);

// Lines in one datagram, and what they are made of.
struct Datagram {
  std::string bytes;
  std::span<const Sample> samples;
};

// None is larger than `most_bytes`, unless a single line is.
std::vector<Datagram> datagrams(const DogStatsdForm& form, std::span<const Sample> samples, std::size_t most_bytes);

}  // namespace eddy::host::push
