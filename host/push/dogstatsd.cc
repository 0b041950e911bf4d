// SPDX-License-Identifier: Apache-2.0
#include "push/dogstatsd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace eddy::host::push {
namespace {

constexpr std::string_view kCuts = "|,#\n\r";

void append_tag(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t begin = out.size();
  out.append(name).append(":").append(value);
  for (std::size_t i = begin; i < out.size(); ++i) {
    if (kCuts.find(out[i]) != std::string_view::npos) out[i] = '_';
  }
}

// The rate whose inverse, cut to a whole number as receivers do it, is `times`.
double rate_of(std::uint64_t times) {
  double rate = 1 / static_cast<double>(times);
  while (std::floor(1 / rate) < static_cast<double>(times)) rate = std::nextafter(rate, 0.0);
  return rate;
}

std::string_view type_of(Sample::Kind kind) {
  switch (kind) {
    case Sample::Kind::kGauge:
      return "g";
    case Sample::Kind::kTimes:
      return "d";
    case Sample::Kind::kCount:
    case Sample::Kind::kSum:
    case Sample::Kind::kNumber:
      return "c";
  }
  return "c";
}

}  // namespace

std::string dogstatsd_line(const DogStatsdForm& form, const Sample& sample) {
  std::string line = fmt::format("{}{}:{}|{}", form.prefix, sample.name, sample.value, type_of(sample.kind));
  if (sample.times > 1) line += fmt::format("|@{}", rate_of(sample.times));
  char before = '#';
  if (!form.tags.empty() || !sample.labels.empty()) line += '|';
  for (const std::string& tag : form.tags) {
    line += std::exchange(before, ',');
    line += tag;
  }
  for (const auto& [name, value] : sample.labels) {
    line += std::exchange(before, ',');
    append_tag(line, name, value);
  }
  return line;
}

std::vector<Datagram> datagrams(const DogStatsdForm& form, std::span<const Sample> samples, std::size_t most_bytes) {
  std::vector<Datagram> out;
  std::string bytes;
  std::size_t begin = 0;
  const auto end_one = [&](std::size_t end) {
    if (end > begin) out.push_back({std::exchange(bytes, {}), samples.subspan(begin, end - begin)});
    begin = end;
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string line = dogstatsd_line(form, samples[i]);
    if (!bytes.empty() && bytes.size() + line.size() + 1 > most_bytes) end_one(i);
    if (!bytes.empty()) bytes += '\n';
    bytes += line;
  }
  end_one(samples.size());
  return out;
}

}  // namespace eddy::host::push
