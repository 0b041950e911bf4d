// SPDX-License-Identifier: Apache-2.0
#include "plugin/loading_journal.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "plugin/refusal.h"

namespace eddy::host {

LoadingJournal::LoadingJournal(const std::string& state_dir) : path_(state_dir + "/loading") {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    if (line.size() == 64) died_.insert(line);
  }
}

Result<void> LoadingJournal::begin(const std::string& sha256) { return write(sha256); }

void LoadingJournal::end() {
  if (died_.empty()) {
    ::unlink(path_.c_str());
    return;
  }
  // Should this fail, the file names one load too many: the next process refuses it, and says how to take that back.
  (void)write("");
}

// Written aside and renamed, so that a death in between loses nothing. No fsync: it must survive the process only.
Result<void> LoadingJournal::write(const std::string& loading) const {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
  const std::string aside = path_ + ".new";
  {
    std::ofstream file(aside, std::ios::trunc);
    for (const std::string& sha256 : died_) file << sha256 << '\n';
    if (!loading.empty()) file << loading << '\n';
    file.flush();
    if (!file)
      return not_now("load", "to write " + aside, "a write error", "see that data_dir is writable and has room");
  }
  if (std::rename(aside.c_str(), path_.c_str()) != 0) {
    return not_now("load", "to write " + path_, "a rename that failed", "see that data_dir is writable");
  }
  return {};
}

}  // namespace eddy::host
