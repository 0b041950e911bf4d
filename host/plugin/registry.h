// SPDX-License-Identifier: Apache-2.0
// The set of plugins that run, and the one place where it changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/loader.h"
#include "plugin/topology.h"

namespace eddy::host {

// What tells one version of a signature file from another.
struct SignatureStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  std::int64_t ctime_ns = 0;
  bool operator==(const SignatureStamp&) const = default;
};

// A file as the watcher saw it, and the signature beside it: one that arrives later is a change of the file.
struct FileStamp {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  std::int64_t ctime_ns = 0;  // owner and mode decide too
  std::optional<SignatureStamp> signature{};
  bool operator==(const FileStamp&) const = default;
};

// What became of one file, for logs, metrics and `eddy ls`.
struct PluginStatus {
  enum class State { kRunning, kRefused, kQuarantined, kRemoved };
  std::string file;
  PluginIdentity identity;  // empty name when refused before its note could be read
  State state = State::kRunning;
  // Of a refusal: the loader's sentence. In statuses() a file whose last change was refused is kRunning with a reason:
  // what was loaded from it before goes on.
  std::string reason;
  std::uint64_t generation = 0;
  std::string previous_version{};  // what roll_back() would bring; empty: nothing
};

// All calls on the control thread, in one order; readers get immutable snapshots.
//
// A scan compares the directory with what is loaded: new and changed files are admitted and loaded, the whole new set
// is merged, and only a good merge is published; a file that spoils it is refused by name and the rest goes on.
//
// Who is refused when two files do not go together: what runs wins over what is new, and of two new ones the first
// file name in byte order wins. A changed file that is refused leaves its old version running. A file refused for its
// company, not for itself, is tried again whenever the set changes.
class Registry {
 public:
  Registry(std::string directory, Loader loader);

  // A changed build of a running plugin that waits for admit() or turn_away().
  struct Waiting {
    std::string plugin;
    ImagePtr stable;  // what it is to be held against
    ImagePtr candidate;
  };
  struct Change {
    std::vector<PluginStatus> events;  // what was loaded, refused or removed in this scan
    bool topology_changed = false;
    std::vector<Waiting> waiting{};
  };
  // Files whose stamp is the same as last time are not read again. `stamps` comes from the watcher.
  Change scan(const std::vector<FileStamp>& stamps);

  // From the next scan on: files that wait or were refused are judged anew; what runs goes on, whoever signed it, until
  // its file changes.
  void set_trust(Trust trust);

  // A fresh copy of a plugin whose image is poisoned, from the same bytes.
  Result<ImagePtr> reload(const std::string& plugin);

  // From the next scan on: changed builds of running plugins wait, or do not.
  void hold_changes(bool hold) { hold_changes_ = hold; }
  // Publishes a build that waits, if its set is good; its predecessor stays at hand until promote(). Of a build that
  // does not wait any more, by its generation, nothing is changed.
  Change admit(const std::string& plugin, std::uint64_t generation);
  Change turn_away(const std::string& plugin, std::uint64_t generation, const std::string& reason);
  // Publishes the build that waits to replace a plugin in quarantine, if there is one: there is nothing left to hold it
  // against.
  Change let_in_for_quarantined(const std::string& plugin);
  void promote(const std::string& plugin);
  // What runs and its predecessor, between admit() and promote().
  std::optional<std::pair<ImagePtr, ImagePtr>> on_canary(const std::string& plugin);
  // Back to the predecessor. The build that leaves is not loaded again until forget_rolled_back().
  // kConflict when there is no predecessor, or one that has left and whose signer is not trusted any more. kBadData
  // when there is no such plugin.
  Result<ImagePtr> roll_back(const std::string& plugin, std::string reason);
  // True: a build was rolled back, and is judged anew at the next scan.
  bool forget_rolled_back(const std::string& plugin);
  // A fresh copy of the predecessor, which takes its place; of what runs, for a trial.
  Result<ImagePtr> reload_previous(const std::string& plugin);
  Result<ImagePtr> copy_for_trial(const std::string& plugin);

  // Takes a plugin's functions out (quarantine); a changed file brings it back. Its streams, queues, tables and APIs
  // stay, so that nobody else loses theirs.
  void quarantine(const std::string& plugin, std::string reason);

  // Brings such a plugin back with a fresh copy.
  Result<ImagePtr> release(const std::string& plugin);

  const Topology& topology() const { return topology_; }
  std::vector<ImagePtr> images() const;  // those in quarantine included: their declarations still count
  std::vector<PluginStatus> statuses() const;

 private:
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;

  void drop_removed(const std::vector<FileStamp>& stamps, Change& change);
  void consider(const FileStamp& stamp, Change& change);
  void take_file(Entry& entry, Loader::Admitted file, Change& change);
  const Entry* holder_of(const std::string& sha256, const Entry& except) const;
  void publish(Change& change);
  void drop_quarantined();
  Result<ImagePtr> renew(Entry& entry);
  Result<ImagePtr> load_again(Loader::Admitted file, const std::string& copy);
  Result<void> exchange(Entry& entry, const ImagePtr& image);
  Result<void> trust_predecessor(const Entry& entry) const;
  Entry* waiting(const std::string& plugin, std::uint64_t generation);
  Entry* running(const std::string& plugin);

  std::string directory_;
  Loader loader_;
  Topology topology_;
  std::map<std::string, EntryPtr> entries_;  // by file name
  bool dirty_ = false;                       // the set changed since the last merge
  bool hold_changes_ = false;
};

}  // namespace eddy::host
