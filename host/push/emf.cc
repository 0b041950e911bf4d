// SPDX-License-Identifier: Apache-2.0
#include "push/emf.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/encoding.h"

namespace eddy::host::push {
namespace {

std::string_view unit_of(const Sample& sample) {
  const std::string_view name = sample.name;
  if (sample.kind == Sample::Kind::kSum || name.ends_with("_seconds")) return "Seconds";
  if (name.ends_with("_bytes")) return "Bytes";
  const bool counted = sample.kind == Sample::Kind::kCount || sample.kind == Sample::Kind::kNumber;
  return counted && !name.ends_with("_seconds_sum") ? "Count" : "None";
}

std::string_view cut(std::string_view text) {
  if (text.size() <= kLongestEmfDimension) return text;
  std::size_t end = kLongestEmfDimension;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// The labels of a line and, where there is room and no name is twice, the dimensions of every line.
Sample::Labels dimensions_of(const EmfForm& form, const std::vector<const Sample*>& samples) {
  Sample::Labels all = samples.front()->labels;
  if (all.size() > kMostEmfDimensions) all.resize(kMostEmfDimensions);
  for (const auto& [name, value] : form.dimensions) {
    const bool taken =
        std::any_of(all.begin(), all.end(), [&, own = &name](const auto& label) { return label.first == *own; }) ||
        std::any_of(samples.begin(), samples.end(), [own = &name](const Sample* one) { return one->name == *own; });
    if (!taken && all.size() < kMostEmfDimensions) all.emplace_back(name, value);
  }
  if (all.empty()) all.emplace_back("service", "eddy");  // some readers want one
  return all;
}

void append_directive(std::string& out, const EmfForm& form, const Sample::Labels& dimensions,
                      const std::vector<const Sample*>& samples) {
  out += "{\"Namespace\":";
  append_json_string(out, form.name_space);
  out += ",\"Dimensions\":[[";
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, dimensions[i].first);
  }
  out += "]],\"Metrics\":[";
  for (std::size_t i = 0; i < samples.size(); ++i) {
    out += i > 0 ? ",{\"Name\":" : "{\"Name\":";
    append_json_string(out, samples[i]->name);
    out.append(",\"Unit\":\"").append(unit_of(*samples[i])).append("\"}");
  }
  out += "]}";
}

std::string line_of(const EmfForm& form, const std::vector<const Sample*>& samples, std::int64_t now_us) {
  const Sample::Labels dimensions = dimensions_of(form, samples);
  std::string out = fmt::format("{{\"_aws\":{{\"Timestamp\":{},\"CloudWatchMetrics\":[", now_us / 1000);
  append_directive(out, form, dimensions, samples);
  out += "]}";
  for (const auto& [name, value] : dimensions) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, cut(value));
  }
  for (const Sample* sample : samples) {
    out += ',';
    append_json_string(out, sample->name);
    out += fmt::format(":{}", sample->value);
  }
  return out + "}\n";
}

}  // namespace

std::vector<EmfLine> emf_lines(const EmfForm& form, const std::vector<Sample>& samples, std::int64_t now_us) {
  std::map<Sample::Labels, std::vector<const Sample*>> by_labels;
  for (const Sample& sample : samples) by_labels[sample.labels].push_back(&sample);
  std::vector<EmfLine> lines;
  for (auto& [labels, all] : by_labels) {
    for (std::size_t i = 0; i < all.size(); i += kMostEmfMetrics) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = std::min(kMostEmfMetrics, all.size() - i);
      std::vector<const Sample*> some(begin, begin + static_cast<std::ptrdiff_t>(count));
      std::string text = line_of(form, some, now_us);
      lines.push_back({std::move(text), std::move(some)});
    }
  }
  return lines;
}

}  // namespace eddy::host::push
