// SPDX-License-Identifier: Apache-2.0
#include "redrive/selection.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "redrive/durable_file.h"

namespace eddy::host {

namespace {

using Letters = std::vector<Selection::Letter>;

Letters::const_iterator from(const Letters& letters, std::int64_t offset) {
  return std::ranges::lower_bound(letters, offset, {}, &Selection::Letter::offset);
}

// What stands behind the id; false: something else than a mark.
bool read_mark(std::istream& parts, std::optional<Selection::Mark>& mark) {
  std::string name;
  if (!(parts >> name)) return true;
  const auto state = letter_state(name);
  std::int64_t at_us = 0;
  if (!state || !(parts >> at_us)) return false;
  mark = {*state, at_us};
  return true;
}

}  // namespace

Selection Selection::of(const std::vector<LetterPlace>& places, const std::string& stream, const Marks& marks) {
  Selection selection;
  for (const LetterPlace& place : places) {
    if (place.queue != stream) continue;
    const auto mark = marks.find(place.id);
    selection.partitions_[place.partition].push_back(
        {place.offset, place.hops, place.id, mark == marks.end() ? std::nullopt : std::optional(mark->second)});
    ++selection.size_;
  }
  for (auto& [partition, letters] : selection.partitions_) std::ranges::sort(letters, {}, &Letter::offset);
  return selection;
}

Result<void> Selection::save(const std::string& file) const {
  std::string text;
  for (const auto& [partition, letters] : partitions_) {
    for (const auto& [offset, hops, id, mark] : letters) {
      text += std::to_string(partition) + ' ' + std::to_string(offset) + ' ' + std::to_string(hops) + ' ' + id;
      if (mark) text += ' ' + std::string(name_of(mark->state)) + ' ' + std::to_string(mark->at_us);
      text += '\n';
    }
  }
  return write_durably(file, text);
}

Result<Selection> Selection::load(const std::string& file) {
  std::ifstream in(file);
  if (!in) return Error{Code::kCorrupt, file + ": cannot be read"};
  Selection selection;
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream parts(line);
    std::uint32_t partition = 0;
    Letter letter;
    if (!(parts >> partition >> letter.offset >> letter.hops >> letter.id) || !read_mark(parts, letter.mark)) {
      return Error{Code::kCorrupt,
                   file + ":" + std::to_string(selection.size_ + 1) +
                       ": expected partition, offset, hops, id, perhaps state and time, found: " + line.substr(0, 80)};
    }
    selection.partitions_[partition].push_back(std::move(letter));
    ++selection.size_;
  }
  return selection;
}

const Selection::Letter* Selection::find(std::uint32_t partition, std::int64_t offset) const {
  const auto letters = partitions_.find(partition);
  if (letters == partitions_.end()) return nullptr;
  const auto at = from(letters->second, offset);
  return at != letters->second.end() && at->offset == offset ? &*at : nullptr;
}

std::uint64_t Selection::before(std::uint32_t partition, std::int64_t offset) const {
  const auto letters = partitions_.find(partition);
  if (letters == partitions_.end()) return 0;
  return static_cast<std::uint64_t>(from(letters->second, offset) - letters->second.begin());
}

std::int64_t Selection::end(std::uint32_t partition) const {
  const auto letters = partitions_.find(partition);
  return letters == partitions_.end() ? 0 : letters->second.back().offset + 1;
}

}  // namespace eddy::host
