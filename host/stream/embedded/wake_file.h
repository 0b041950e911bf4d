// SPDX-License-Identifier: Apache-2.0
// How readers learn of a commit, in this process and in others: a page of shared memory full of futex words.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace eddy::host::embedded {

// Thread-safe, and process-safe. A word is only ever a hint: who is woken looks into the database, and who is not,
// because the committing process died in between, looks there when its time is out.
class WakeFile {
 public:
  WakeFile() = default;
  WakeFile(WakeFile&& other) noexcept;
  WakeFile& operator=(WakeFile&& other) noexcept;
  ~WakeFile();

  static Result<WakeFile> open(const std::string& data_dir);

  // Changes whenever a stream may have grown. Read it before looking, wait for another value after.
  std::uint32_t value(std::uint32_t stream) const;
  void bump(std::uint32_t stream);
  // Returns when the value is no longer `seen`, or at the deadline, or for no reason.
  void wait(std::uint32_t stream, std::uint32_t seen, std::chrono::steady_clock::time_point deadline) const;

  // The same for the list of streams and their partition counts.
  static constexpr std::uint32_t kCatalog = 0;

 private:
  explicit WakeFile(std::uint32_t* words) : words_(words) {}
  std::uint32_t* word(std::uint32_t stream) const;

  std::uint32_t* words_ = nullptr;
};

}  // namespace eddy::host::embedded
