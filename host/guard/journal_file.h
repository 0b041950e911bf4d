// SPDX-License-Identifier: Apache-2.0
// The journal's bytes: their layout, how an old file is read, how a new one is made and grows.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "guard/journal.h"

namespace eddy::host {

// One cell of the file. Fields are stored plainly; `kind` and `in_call` last, so that a process killed between two
// stores leaves a cell that is either whole or not there.
struct JournalCell::Layout {
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kWorker = 1;
  static constexpr std::uint32_t kSuspect = 2;
  static constexpr std::size_t kNameSize = 256;

  std::atomic<std::uint32_t> kind;
  std::atomic<std::uint32_t> in_call;
  std::atomic<std::uint32_t> partition;
  std::atomic<std::uint32_t> worker;
  std::atomic<std::int64_t> offset;
  std::atomic<std::uint32_t> deaths;
  std::uint32_t name_size;
  std::array<char, kNameSize> name;
  std::array<char, 224> reserved;

  void set_name(std::string_view text);
  std::string_view get_name() const { return {name.data(), name_size}; }
};

using JournalLayout = JournalCell::Layout;

// What is left of an earlier process: the suspects, those that were in a call when it died counted up. `problem` says
// why the bytes are not a journal's; then there are no suspects.
struct JournalContent {
  std::vector<Suspect> suspects;
  std::string problem;
};
JournalContent read_journal(std::string_view bytes);

// A mapped journal that this process writes. Cells never move. Not thread-safe.
class JournalFile {
 public:
  // Makes a new file with these suspects in it, and only then puts it where `path` says.
  static Result<std::unique_ptr<JournalFile>> create(const std::string& path, const std::vector<Suspect>& suspects);
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  // A free cell, marked as nothing yet; the file grows by a block when there is none.
  Result<JournalLayout*> take();
  void give_back(JournalLayout* cell);

  // The cells of the suspects that create() wrote.
  const std::vector<JournalLayout*>& suspect_cells() const { return suspects_; }

 private:
  explicit JournalFile(std::string path) : path_(std::move(path)) {}
  Result<void> write_header();
  Result<void> grow();

  std::string path_;
  int file_ = -1;
  std::vector<void*> blocks_;
  std::vector<JournalLayout*> free_;
  std::vector<JournalLayout*> suspects_;
};

}  // namespace eddy::host
