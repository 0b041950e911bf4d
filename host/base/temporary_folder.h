// SPDX-License-Identifier: Apache-2.0
// A folder that goes when its owner goes.
#pragma once

#include <string>

#include "base/result.h"

namespace eddy::host {

// Mode 0700, under $TMPDIR or /tmp. Move-only.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  TemporaryFolder() = default;
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;  // empty: none
};

}  // namespace eddy::host
