// SPDX-License-Identifier: Apache-2.0
// Step "signature": a seam. Called at its place in the order, between reading and looking; accepts every file, since
// this host has no keys to ask.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

inline Result<void> check_signature(const std::string& /*path*/, std::string_view /*bytes*/,
                                    std::string_view /*sha256*/) {
  return {};
}

}  // namespace eddy::host
