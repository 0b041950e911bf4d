// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/candidate.h"

#include <filesystem>

#include "function/call.h"
#include "plugin/loader.h"
#include "runtime/trust.h"

namespace eddy::host {

Result<Candidate> open_candidate(const std::string& file, const Settings& settings, Zygote& zygote, bool any_owner) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return Error{Code::kBadData, file + ": expected a plugin (.so), found no such file"};
  }
  EDDY_ASSIGN(Trust trust, open_trust(settings));
  Candidate candidate;
  EDDY_ASSIGN(candidate.folder, TemporaryFolder::make());
  Loader loader({.state_dir = candidate.folder.path(),
                 .host = host_table(),
                 .trust = std::move(trust),
                 .zygote = &zygote,
                 .in_host = [](const Manifest&) { return false; }});
  EDDY_ASSIGN(const Loader::Admitted admitted, loader.admit(file, any_owner));
  EDDY_ASSIGN(candidate.image, loader.load(admitted));
  return candidate;
}

}  // namespace eddy::host
