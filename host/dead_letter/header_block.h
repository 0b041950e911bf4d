// SPDX-License-Identifier: Apache-2.0
// The headers of one letter: the original's, untouched, then those that are added.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"

namespace eddy::host {

// Keeps its buffers. Not thread-safe. Names are borrowed; values are copied.
class HeaderBlock {
 public:
  void start(std::span<const Header> originals);

  void add(std::string_view name, std::string_view value);

  // For values made in place: append to value(), then add what was appended.
  std::string& value() { return values_; }
  void add_appended(std::string_view name);

  // Ends the added ones with their count. Valid until start(). An original that carries a count header of its own is
  // told from ours by a count after it, even when nothing else was added.
  std::span<const Header> finish();

 private:
  struct Added {
    std::string_view name;
    std::size_t end;  // of the value in values_; it begins where the one before ends
  };

  std::span<const Header> originals_;
  std::vector<Added> added_;
  std::string values_;
  std::vector<Header> headers_;
};

// How many of a letter's headers are the original's, and where those that the writer added stand.
struct SplitHeaders {
  std::size_t added_begin = 0;  // index of the first added one
  std::size_t added_end = 0;    // one behind the count header
};
SplitHeaders split_headers(std::span<const Header> headers);

}  // namespace eddy::host
