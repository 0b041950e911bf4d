// SPDX-License-Identifier: Apache-2.0
#include "settings/json_value.h"

#include <map>
#include <nlohmann/json.hpp>

#include "settings/mask.h"
#include "settings/scalar.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 32;
constexpr std::size_t kMostValues = 100'000;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

struct Pair {
  Json text, shown;
};

class Converter {
 public:
  explicit Converter(Report& report) : report_(report) {}

  Pair convert(const YAML::Node& node, const std::string& path, int depth) {
    // Aliases may repeat a value without end.
    if (depth > kDeepest || ++values_ > kMostValues) {
      if (!refused_) report_.add(node.Mark(), path + ": expected at most 32 levels and 100000 values");
      refused_ = true;
      return {};
    }
    if (node.IsMap()) return mapping(node, path, depth);
    if (node.IsSequence()) return sequence(node, path, depth);
    if (node.IsNull()) return {};
    return scalar(node, path);
  }

 private:
  Pair mapping(const YAML::Node& node, const std::string& path, int depth) {
    Pair pair{Json::object(), Json::object()};
    if (!check_keys(node, path, report_)) return pair;
    for (const auto& entry : node) {
      if (refused_) break;
      const std::string& key = entry.first.Scalar();
      Pair value = convert(entry.second, path + "." + key, depth + 1);
      pair.shown[key] = names_secret(key) ? Json(kMasked) : std::move(value.shown);
      pair.text[key] = std::move(value.text);
    }
    return pair;
  }

  Pair sequence(const YAML::Node& node, const std::string& path, int depth) {
    Pair pair{Json::array(), Json::array()};
    for (const auto& element : node) {
      if (refused_) break;
      Pair value = convert(element, path + "[" + std::to_string(pair.text.size()) + "]", depth + 1);
      pair.text.push_back(std::move(value.text));
      pair.shown.push_back(std::move(value.shown));
    }
    return pair;
  }

  Pair scalar(const YAML::Node& node, const std::string& path) {
    const Scalar read = read_scalar(node);
    if (!read.problem.empty()) report_.add(node.Mark(), path + ": " + read.problem);
    Json value = typed(read);
    const bool as_written = read.text == node.Scalar();
    Json shown = as_written && !value.is_string() ? value : Json(mask_text(node.Scalar()));
    return {std::move(value), std::move(shown)};
  }

  static Json typed(const Scalar& read) {
    switch (read.type) {
      case ScalarType::kNull:
        return nullptr;
      case ScalarType::kBool:
        return read.text.front() == 't' || read.text.front() == 'T';
      case ScalarType::kInteger:
        if (const auto integer = to_integer(read.text)) return *integer;
        [[fallthrough]];  // beyond 64 bits
      case ScalarType::kFloat:
        if (const auto number = to_number(read.text)) return *number;
        break;
      case ScalarType::kText:
        break;
    }
    return read.text;
  }

  Report& report_;
  std::size_t values_ = 0;
  bool refused_ = false;
};

}  // namespace

bool check_keys(const YAML::Node& mapping, const std::string& path, Report& report) {
  const std::size_t before = report.size();
  const std::string where = path.empty() ? "" : path + ".";
  std::map<std::string, int> lines;
  for (const auto& entry : mapping) {
    if (!entry.first.IsScalar()) {
      report.add(entry.first.Mark(), (path.empty() ? "" : path + ": ") + "expected a name as key, found " +
                                         (entry.first.IsNull() ? "nothing" : "a list or a mapping"));
      continue;
    }
    const std::string& key = entry.first.Scalar();
    const auto [first, fresh] = lines.emplace(key, entry.first.Mark().line + 1);
    if (fresh) continue;
    report.add(entry.first.Mark(),
               where + key + ": given twice, first in line " + std::to_string(first->second) + "; remove one of them");
  }
  return report.size() == before;
}

JsonValue to_json(const YAML::Node& mapping, const std::string& path, Report& report) {
  const Pair pair = Converter(report).convert(mapping, path, 1);
  return {dump(pair.text), dump(pair.shown)};
}

JsonValue to_properties(const YAML::Node& mapping, const std::string& path, Report& report) {
  Json text = Json::object(), shown = Json::object();
  if (!check_keys(mapping, path, report)) return {dump(text), dump(shown)};
  for (const auto& entry : mapping) {
    const std::string& name = entry.first.Scalar();
    if (!entry.second.IsScalar()) {
      const char* found = entry.second.IsMap() ? "a mapping" : entry.second.IsSequence() ? "a list" : "nothing";
      report.add(entry.second.IsNull() ? entry.first.Mark() : entry.second.Mark(),
                 path + "." + name + ": expected a text, found " + found);
      continue;
    }
    const Scalar read = read_scalar(entry.second);
    if (!read.problem.empty()) report.add(entry.second.Mark(), path + "." + name + ": " + read.problem);
    shown[name] = names_secret_property(name) ? std::string(kMasked) : mask_text(entry.second.Scalar());
    text[name] = read.text;
  }
  return {dump(text), dump(shown)};
}

std::map<std::string, std::string> from_properties(const std::string& json) {
  return nlohmann::json::parse(json).get<std::map<std::string, std::string>>();
}

std::string to_properties(const std::map<std::string, std::string>& properties) {
  return nlohmann::json(properties).dump();
}

}  // namespace eddy::host
