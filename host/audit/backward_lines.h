// SPDX-License-Identifier: Apache-2.0
// The lines of a file, the last one first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

class BackwardLines {
 public:
  // A file that is not there has no lines. kUnavailable: it cannot be read.
  static Result<BackwardLines> open(std::string path);

  // Without its line end, empty ones left out; none: the beginning is reached.
  Result<std::optional<std::string>> next();

 private:
  BackwardLines(std::string path, FileDescriptor file, std::int64_t size)
      : path_(std::move(path)), file_(std::move(file)), begin_(size) {}

  std::string path_;
  FileDescriptor file_;
  std::int64_t begin_;  // of what has been read, in the file
  std::string unread_;  // what stands from there on and has not been handed out
};

}  // namespace eddy::host
