// SPDX-License-Identifier: Apache-2.0
#include "base/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace eddy::host {

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code none;
  std::string path = (std::filesystem::temp_directory_path(none) / "eddy-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    return Error{Code::kUnavailable, "cannot make a temporary folder " + path + ": " + std::strerror(errno)};
  }
  TemporaryFolder folder;
  folder.path_ = path;
  return folder;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // a leftover in the temporary directory harms nobody
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace eddy::host
