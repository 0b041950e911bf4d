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

}  // namespace

Selection Selection::of(const std::vector<LetterPlace>& places, const std::string& stream) {
  Selection selection;
  for (const LetterPlace& place : places) {
    if (place.queue != stream) continue;
    selection.partitions_[place.partition].push_back({place.offset, place.hops, place.id});
    ++selection.size_;
  }
  for (auto& [partition, letters] : selection.partitions_) std::ranges::sort(letters, {}, &Letter::offset);
  return selection;
}

Result<void> Selection::save(const std::string& file) const {
  std::string text;
  for (const auto& [partition, letters] : partitions_) {
    for (const Letter& letter : letters) {
      text += std::to_string(partition) + ' ' + std::to_string(letter.offset) + ' ' + std::to_string(letter.hops) +
              ' ' + letter.id + '\n';
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
    if (!(parts >> partition >> letter.offset >> letter.hops >> letter.id)) {
      return Error{Code::kCorrupt, file + ":" + std::to_string(selection.size_ + 1) +
                                       ": expected partition, offset, hops and id, found: " + line.substr(0, 80)};
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
