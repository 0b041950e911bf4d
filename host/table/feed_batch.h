// SPDX-License-Identifier: Apache-2.0
// Records of a unit with bytes of their own: a batch for a database is larger than what one poll lends.
#pragma once

#include <span>
#include <vector>

#include "base/record.h"
#include "model/arena.h"

namespace eddy::host {

// Not thread-safe. Values are padded as Session::poll says.
class FeedBatch {
 public:
  void add(const Record& record);
  void clear();

  // Valid until the next add() or clear(); what they point to until clear().
  std::span<const Record> records() const { return records_; }
  bool empty() const { return records_.empty(); }
  std::size_t size() const { return records_.size(); }
  std::size_t bytes() const { return bytes_; }  // of keys, values and headers

 private:
  Bytes copy(Bytes bytes, std::size_t padding = 0);

  Arena arena_;
  std::vector<Record> records_;
  std::size_t bytes_ = 0;
};

}  // namespace eddy::host
