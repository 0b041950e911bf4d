// SPDX-License-Identifier: Apache-2.0
// The set of plugins that run, and the one place where it changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/loader.h"
#include "plugin/topology.h"

namespace eddy::host {

// A file as the watcher saw it.
struct FileStamp {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

// What became of one file, for logs, metrics and `eddy ls`.
struct PluginStatus {
  enum class State { kRunning, kRefused, kQuarantined, kRemoved };
  std::string file;
  PluginIdentity identity;  // empty name when refused before its note could be read
  State state = State::kRunning;
  std::string reason;  // of a refusal: the loader's sentence
  std::uint64_t generation = 0;
};

// All calls on the control thread, in one order; readers get immutable snapshots.
//
// A scan compares the directory with what is loaded: new and changed files are admitted and loaded, the whole new set
// is merged, and only a good merge is published; a file that spoils it is refused by name and the rest goes on.
class Registry {
 public:
  Registry(std::string directory, Loader loader);

  struct Change {
    std::vector<PluginStatus> events;  // what was loaded, refused or removed in this scan
    bool topology_changed = false;
  };
  // Files whose stamp is the same as last time are not read again. `stamps` comes from the watcher.
  Change scan(const std::vector<FileStamp>& stamps);

  // A fresh copy of a plugin whose image is poisoned, from the same bytes.
  Result<ImagePtr> reload(const std::string& plugin);

  // Takes a plugin out (quarantine); a changed file brings it back.
  void quarantine(const std::string& plugin, std::string reason);

  const Topology& topology() const { return topology_; }
  std::vector<ImagePtr> images() const;
  std::vector<PluginStatus> statuses() const;

 private:
  struct Entry;
  std::string directory_;
  Loader loader_;
  Topology topology_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // by file name
};

}  // namespace eddy::host
