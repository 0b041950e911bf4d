// SPDX-License-Identifier: Apache-2.0
// A file, or the standard output, that lines are added to. Others may rename or cut the file at any time.
#pragma once

#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host::push {

// Not thread-safe.
class LineFile {
 public:
  // `name`: a path, or "stdout".
  explicit LineFile(std::string name) : name_(std::move(name)) {}

  // Before the lines of one moment: the file of that name now; it is made when missing.
  Result<void> open();

  // A line goes in whole or is an error: kUnavailable, nobody reads the standard output, or the disk is full. What was
  // written of a line then is ended, so that the next one stands alone.
  Result<void> write(std::string_view line);

 private:
  Result<void> write_all(std::string_view bytes);
  int fd() const { return name_ == "stdout" ? STDOUT_FILENO : file_.get(); }

  const std::string name_;
  FileDescriptor file_;
  bool torn_ = false;  // the last line is not ended
};

}  // namespace eddy::host::push
