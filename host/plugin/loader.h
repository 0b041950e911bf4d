// SPDX-License-Identifier: Apache-2.0
// From a file in the plugin directory to a loaded image, one step after another.
//
//   open → read, hash → signature → ELF → note → private copy → probe → load → describe
//
// Each step has its own file and its own sentence when it refuses; none can hurt what runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "plugin/image.h"
#include "plugin/trust.h"
#include "sandbox/zygote.h"

namespace eddy::host {

struct LoaderOptions {
  std::string state_dir;  // private copies go to <state_dir>/plugins; of one process at a time; empty: admit only
  const eddy_host* host = nullptr;    // what plugins are given
  std::uint32_t timeout_ms = 10'000;  // for entry and describe, each; 0: none
  Trust trust{};
  // Makes the process in which a file's code runs first. Null: no such step, as in the commands that run the code of
  // one plugin, in a process made for that.
  Zygote* zygote = nullptr;
  std::chrono::milliseconds constructors_within{10'000};  // in that process
  // Whether a plugin's code is needed in the host. A plugin that was probed and whose code is not is never loaded here.
  std::function<bool(const Manifest&)> in_host{};  // empty: always
  // Called before each load: one file whose code hangs holds the control thread for most of a minute.
  std::function<void()> on_load{};
};

struct LoadedImage;

// A refusal's text: "plugins.d/movies.so: elf: expected an x86-64 shared object, found a text file; …".
// A refusal has code kRefused when only another file helps, kUnavailable when it may be tried again as it is.
// Copies of a Loader share their state.
class Loader {
 public:
  // Reads which file an earlier process died on, and removes what earlier processes left in state_dir.
  explicit Loader(LoaderOptions options);

  // All steps up to and without running any code of the plugin: what `eddy plugin inspect` may do with any file.
  struct Admitted {
    PluginIdentity identity;
    std::string bytes;  // the file
    std::uint16_t abi_major = 0;
    std::uint16_t abi_minor_required = 0;
    std::string sdk_version;
  };
  // `allow_any_place`: the command line's own use, where ownership and mode are the user's business.
  Result<Admitted> admit(const std::string& path, bool allow_any_place = false) const;

  // For files admitted from now on. [control thread]
  void set_trust(Trust trust) { options_.trust = std::move(trust); }
  const Trust& trust() const { return options_.trust; }

  // Loads an admitted file: private copy, probe, dlopen, entry, describe. [control thread]
  // A new image every time, also for bytes that are loaded already (a fresh copy after a fault). install_guard() comes
  // first.
  Result<ImagePtr> load(const Admitted& file);

 private:
  struct State;
  Result<ImagePtr> load_steps(const Admitted& file);
  Result<const Manifest*> try_elsewhere(const Admitted& file, const std::string& mapped_path);
  Result<LoadedImage> map(const Admitted& file, const std::string& mapped_path);

  LoaderOptions options_;
  std::shared_ptr<State> state_;
};

}  // namespace eddy::host
