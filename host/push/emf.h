// SPDX-License-Identifier: Apache-2.0
// Samples as lines in CloudWatch's embedded metric format: one JSON object for the metrics with the same labels, which
// are its dimensions; `service` is that of metrics without any.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "push/sample.h"

namespace eddy::host::push {

// What CloudWatch takes of one line.
inline constexpr std::size_t kMostEmfMetrics = 100;
inline constexpr std::size_t kMostEmfDimensions = 30;
inline constexpr std::size_t kLongestEmfDimension = 1024;

struct EmfForm {
  std::string name_space;
  std::map<std::string, std::string> dimensions;  // on every line
};

struct EmfLine {
  std::string text;  // with its line end
  std::vector<const Sample*> samples;
};

std::vector<EmfLine> emf_lines(const EmfForm& form, const std::vector<Sample>& samples, std::int64_t now_us);

}  // namespace eddy::host::push
