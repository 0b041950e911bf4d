// SPDX-License-Identifier: Apache-2.0
// Which file the process was loading when it died. A fault inside the system's loader or in a static constructor
// cannot be survived; it can be made to happen only once.
#pragma once

#include <set>
#include <string>

#include "base/result.h"

namespace eddy::host {

// The file <state_dir>/loading: one SHA-256 in hex a line. A line is there while that file is being loaded; what is
// there at start killed an earlier process, and stays until the operator removes the file. One process at a time.
class LoadingJournal {
 public:
  explicit LoadingJournal(const std::string& state_dir);

  // True when an earlier process died while it loaded these bytes.
  bool died(const std::string& sha256) const { return died_.contains(sha256); }
  const std::string& path() const { return path_; }

  Result<void> begin(const std::string& sha256);
  void end();

 private:
  Result<void> write(const std::string& loading) const;

  std::string path_;
  std::set<std::string> died_;
};

}  // namespace eddy::host
