// SPDX-License-Identifier: Apache-2.0
// How far a group has come in one partition: positions ended, records held, and the counts. Every transport keeps it
// with the committed position, so one session can go on exactly where another stopped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host {

// A value: sessions keep one as stored and one as it will be after the unit. Not thread-safe.
class Progress {
 public:
  // At `position`, nothing held.
  explicit Progress(std::int64_t position = 0) : frontier_(position) {}
  // From a committed position and what encode() gave with it. kCorrupt when the text is not encode()'s: another program
  // has moved the group. Empty: nothing held, nothing counted.
  static Result<Progress> decode(std::int64_t committed, std::string_view text);
  // Printable, at most 4,000 characters: Kafka keeps it as the metadata of the offset (offset.metadata.max.bytes,
  // 4,096). "eddy1", then the four counts, then the frontier above the committed position and each held record as
  // base64 of varints; parts divided by one space.
  std::string encode() const;

  std::int64_t committed() const { return held_.empty() ? frontier_ : held_.front().first; }
  std::int64_t frontier() const { return frontier_; }  // the lowest offset that was neither ended nor held
  const Tally& tally() const { return tally_; }
  void set_tally(const Tally& tally) { tally_ = tally; }
  const std::vector<std::pair<std::int64_t, Wait>>& held() const { return held_; }  // by offset

  // The wait of a held record; null when it is not held.
  const Wait* wait_of(std::int64_t offset) const;
  void end(std::int64_t offset, Outcome outcome);
  void hold(std::int64_t offset, const Wait& wait);
  // There are no records from the frontier up to here: retention, compaction or a transport's own markers took them.
  // Held records below are gone too when `with_held`.
  void skip_to(std::int64_t offset, bool with_held = false);

  bool operator==(const Progress&) const = default;

 private:
  std::int64_t frontier_ = 0;
  std::vector<std::pair<std::int64_t, Wait>> held_;
  Tally tally_;
};

}  // namespace eddy::host
