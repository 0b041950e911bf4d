// SPDX-License-Identifier: Apache-2.0
// A build that does not run, taken in to be tried: admitted like any other, but never loaded in this process.
#pragma once

#include <string>

#include "base/temporary_folder.h"
#include "plugin/image.h"
#include "sandbox/zygote.h"
#include "settings/settings.h"

namespace eddy::host {

struct Candidate {
  TemporaryFolder folder;  // its private copy
  ImagePtr image;
};

// `file` may lie anywhere. `any_owner`: whoever names it answers for its owner and mode; else they are checked as those
// of the plugin directory. Its signature always is, as the settings say. kRefused with the loader's sentence; kBadData
// when there is no such file.
Result<Candidate> open_candidate(const std::string& file, const Settings& settings, Zygote& zygote, bool any_owner);

}  // namespace eddy::host
