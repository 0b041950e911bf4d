// SPDX-License-Identifier: Apache-2.0
// Builds that have faulted in the host's threads and run in worker processes since.
#pragma once

#include <set>
#include <string>

#include "base/result.h"

namespace eddy::host {

// The file <data_dir>/isolated: one SHA-256 in hex a line. It outlives the host, because the fault that moves a plugin
// may be the one that makes the host restart. A new build has another hash, and begins in the host's threads.
class IsolatedPlugins {
 public:
  // A file that cannot be read is as good as none: the plugins are moved again at their next fault.
  explicit IsolatedPlugins(std::string path);

  bool contains(const std::string& sha256) const { return hashes_.contains(sha256); }
  // An error: it holds, but not beyond the end of this process.
  Result<void> add(const std::string& sha256);
  Result<void> remove(const std::string& sha256);

 private:
  Result<void> save() const;

  const std::string path_;
  std::set<std::string> hashes_;
};

}  // namespace eddy::host
