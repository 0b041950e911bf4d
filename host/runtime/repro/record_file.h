// SPDX-License-Identifier: Apache-2.0
// One record as a file, byte for byte: what a function is to be run with again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "function/task.h"
#include "runtime/try/output.h"

namespace eddy::host {

// Owns its bytes; 64 readable ones follow the value.
class RecordFile {
 public:
  // JSON: key, value and headers as {"text": …}, {"base64": …} or null, and where the record was.
  static std::string text_of(const Task& task);
  // kBadData with the place and what is wrong.
  static Result<RecordFile> read(const std::string& path);

  // Borrowed, until the next call.
  Task task();

 private:
  OwnedBytes key_, value_;
  std::size_t value_size_ = 0;
  std::vector<std::pair<OwnedBytes, OwnedBytes>> header_bytes_;
  std::vector<Header> headers_;
  std::string stream_;
  std::uint32_t partition_ = 0;
  std::int64_t offset_ = 0, timestamp_us_ = 0;
};

}  // namespace eddy::host
