// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/output_diff.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/encoding.h"

namespace eddy::host {

namespace {

using Tree = nlohmann::json;
using Shown = std::function<std::string(std::string_view)>;

constexpr std::size_t kAround = 3;
constexpr std::size_t kMostCompared = 2000;  // lines of a side; the table of the comparison is their product

Tree parsed(const OwnedBytes& value) {
  return value ? Tree::parse(*value, nullptr, false) : Tree(Tree::value_t::discarded);
}

void erase(Tree& value, const std::string& text) {
  const Tree::json_pointer pointer(text);
  if (pointer.empty() || !value.contains(pointer)) return;
  Tree& parent = value[pointer.parent_pointer()];
  if (parent.is_object()) {
    parent.erase(pointer.back());
  } else {
    value[pointer] = nullptr;  // an element keeps its place
  }
}

bool same_value(const OwnedBytes& before, const OwnedBytes& after, const Pointers& ignored) {
  if (before == after) return true;
  Tree first = parsed(before), second = parsed(after);
  if (first.is_discarded() || second.is_discarded()) return false;
  for (const std::string& pointer : ignored) {
    erase(first, pointer);
    erase(second, pointer);
  }
  return first == second;
}

bool same_output(const TryOutput& before, const TryOutput& after, const Pointers& ignored) {
  return before.stream == after.stream && before.key == after.key && before.headers == after.headers &&
         same_value(before.value, after.value, ignored);
}

std::string shown_bytes(const OwnedBytes& bytes) {
  if (!bytes) return "(null)";
  return is_utf8(*bytes) ? *bytes : "base64:" + to_base64(*bytes);
}

void add_lines(std::vector<std::string>& lines, const std::string& text) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
}

std::vector<std::string> lines_of(const std::vector<TryOutput>& outputs, const Pointers& ignored, const Shown& shown) {
  std::vector<std::string> lines;
  for (const TryOutput& output : outputs) {
    lines.push_back("to " + output.stream);
    if (output.key) lines.push_back("key " + shown_bytes(output.key));
    for (const auto& [name, value] : output.headers) lines.push_back("header " + name + ": " + shown_bytes(value));
    const OwnedBytes value = output.value ? OwnedBytes(shown(*output.value)) : std::nullopt;
    Tree json = parsed(value);
    for (const std::string& pointer : json.is_discarded() ? Pointers() : ignored) erase(json, pointer);
    add_lines(lines,
              json.is_discarded() ? shown_bytes(value) : json.dump(2, ' ', false, Tree::error_handler_t::replace));
  }
  return lines;
}

// One line of a diff: ' ', '-' or '+' before it.
using Marked = std::vector<std::pair<char, const std::string*>>;

// By the longest common subsequence; sides that are too long for that are all out, all in.
Marked marked_lines(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  Marked marked;
  const std::size_t n = before.size(), m = after.size();
  const bool compared = n <= kMostCompared && m <= kMostCompared;
  std::vector<std::vector<std::uint32_t>> common;
  if (compared) {
    common.assign(n + 1, std::vector<std::uint32_t>(m + 1, 0));
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t j = m; j-- > 0;) {
        common[i][j] = before[i] == after[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
      }
    }
  }
  std::size_t i = 0, j = 0;
  while (compared && i < n && j < m) {
    if (before[i] == after[j]) {
      marked.emplace_back(' ', &before[i++]);
      ++j;
    } else if (common[i + 1][j] >= common[i][j + 1]) {
      marked.emplace_back('-', &before[i++]);
    } else {
      marked.emplace_back('+', &after[j++]);
    }
  }
  while (i < n) marked.emplace_back('-', &before[i++]);
  while (j < m) marked.emplace_back('+', &after[j++]);
  return marked;
}

// Which lines stand within three of a change.
std::vector<bool> near_changes(const Marked& marked) {
  std::vector<bool> near(marked.size(), false);
  for (std::size_t at = 0; at < marked.size(); ++at) {
    if (marked[at].first == ' ') continue;
    const std::size_t from = at < kAround ? 0 : at - kAround;
    const std::size_t to = std::min(marked.size(), at + kAround + 1);
    std::fill(near.begin() + static_cast<std::ptrdiff_t>(from), near.begin() + static_cast<std::ptrdiff_t>(to), true);
  }
  return near;
}

std::string hunk_header(const Marked& marked, std::size_t from, std::size_t to, std::size_t old_line,
                        std::size_t new_line) {
  std::size_t olds = 0, news = 0;
  for (std::size_t at = from; at < to; ++at) {
    olds += marked[at].first != '+' ? 1 : 0;
    news += marked[at].first != '-' ? 1 : 0;
  }
  const auto range = [](std::size_t line, std::size_t count) {
    return std::to_string(count == 0 ? line : line + 1) + "," + std::to_string(count);
  };
  return "@@ -" + range(old_line, olds) + " +" + range(new_line, news) + " @@\n";
}

}  // namespace

bool same_outputs(const std::vector<TryOutput>& before, const std::vector<TryOutput>& after, const Pointers& ignored) {
  return std::ranges::equal(before, after,
                            [&](const TryOutput& a, const TryOutput& b) { return same_output(a, b, ignored); });
}

Pointers unstable_members(const std::vector<TryOutput>& first, const std::vector<TryOutput>& second) {
  Pointers members;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    const Tree a = parsed(first[i].value), b = parsed(second[i].value);
    if (a.is_discarded() || b.is_discarded()) continue;
    for (const Tree& change : Tree::diff(a, b)) members.insert(change.at("path").get<std::string>());
  }
  members.erase("");  // the value as a whole is what is compared
  return members;
}

std::string unified_diff(const std::vector<std::string>& before, const std::vector<std::string>& after,
                         std::size_t most_lines) {
  const Marked marked = marked_lines(before, after);
  const std::vector<bool> near = near_changes(marked);
  std::string text;
  std::size_t written = 0, left_out = 0, old_line = 0, new_line = 0;
  for (std::size_t at = 0; at < marked.size(); ++at) {
    if (near[at] && (at == 0 || !near[at - 1]) && written < most_lines) {
      std::size_t to = at;
      while (to < marked.size() && near[to]) ++to;
      text += hunk_header(marked, at, to, old_line, new_line);
    }
    const auto& [mark, line] = marked[at];
    if (near[at] && written < most_lines) {
      text += mark + *line + "\n";
      ++written;
    } else if (near[at]) {
      ++left_out;
    }
    old_line += mark != '+' ? 1 : 0;
    new_line += mark != '-' ? 1 : 0;
  }
  if (left_out != 0) text += "… " + std::to_string(left_out) + " more lines\n";
  return text;
}

std::string unified_diff(const std::vector<TryOutput>& before, const std::vector<TryOutput>& after,
                         const Pointers& ignored, const Shown& shown, std::size_t most_lines) {
  return unified_diff(lines_of(before, ignored, shown), lines_of(after, ignored, shown), most_lines);
}

}  // namespace eddy::host
