// SPDX-License-Identifier: Apache-2.0
// From a file in the plugin directory to a loaded image, one step after another.
//
//   open → read, hash → (signature) → ELF → note → private copy → (probe) → load → describe
//
// Each step has its own file and its own sentence when it refuses; none can hurt what runs. The steps in parentheses
// are seams: they are called in this order, and accept everything until their parts are there.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "plugin/image.h"

namespace eddy::host {

struct LoaderOptions {
  std::string state_dir;            // private copies go to <state_dir>/plugins
  const eddy_host* host = nullptr;  // what plugins are given
};

// A refusal's text: "plugins.d/movies.so: elf: expected an x86-64 shared object, found a text file; …".
class Loader {
 public:
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

  // Loads an admitted file: private copy, probe, dlopen, entry, describe. [control thread]
  // A new image every time, also for bytes that are loaded already (a fresh copy after a fault).
  Result<ImagePtr> load(const Admitted& file);

 private:
  LoaderOptions options_;
};

}  // namespace eddy::host
