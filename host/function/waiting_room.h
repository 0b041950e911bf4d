// SPDX-License-Identifier: Apache-2.0
// Records of one worker that wait for their next attempt, and those that wait behind them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/record.h"
#include "stream/transport.h"

namespace eddy::host {

// A record with bytes of its own, followed by the padding that decoders ask for.
class HeldRecord {
 public:
  HeldRecord(const Record& record, const Wait& wait);
  HeldRecord(HeldRecord&&) = default;
  HeldRecord& operator=(HeldRecord&&) = default;

  const Record& record() const { return record_; }  // attempts and due_us are those of its wait
  void wait(const Wait& wait);

 private:
  std::vector<char> bytes_;  // a vector: moving it moves no bytes
  std::vector<Header> headers_;
  Record record_;
};

// Holds lines: of records with one key, or of one record per partition. The first of a line has a time when it is due;
// those behind it wait for the first. Not thread-safe.
class WaitingRoom {
 public:
  using Line = std::deque<HeldRecord>;

  // `by_key`: a line for each key, records without one stand alone; else one line per partition.
  void order_by_key(bool by_key) { by_key_ = by_key; }
  bool by_key() const { return by_key_; }

  bool empty() const { return lines_.empty(); }
  std::size_t held(std::uint32_t partition) const;  // records
  std::size_t size() const;
  // True when a record has to wait because one of its line does.
  bool blocks(const Record& record) const;
  // Puts a copy at the end of its line. A wait without attempts makes it due as soon as it is the first.
  void add(const Record& record, const Wait& wait);

  // When the first line is due; nothing waits: none.
  std::optional<std::int64_t> next_due() const;
  // The line that has been due longest, if one is; null: none. Valid until the next change.
  Line* due(std::int64_t now_us);
  // The first of the line has ended. Returns false when the line is gone with it.
  bool pop(Line& line);

  void drop(std::uint32_t partition);
  void clear() { lines_.clear(); }

 private:
  // Partition, then the key with a mark, or the offset where records stand alone.
  using Name = std::pair<std::uint32_t, std::string>;
  Name name_of(const Record& record) const;

  bool by_key_ = false;
  std::map<Name, Line> lines_;
};

}  // namespace eddy::host
