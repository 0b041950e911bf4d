// SPDX-License-Identifier: Apache-2.0
// The files of web/, as they are in the binary.
#pragma once

#include <span>
#include <string_view>

namespace eddy::host {

struct ConsoleAsset {
  std::string_view name;  // "base/dom.js"
  std::span<const unsigned char> bytes;
  std::string_view sha256;  // in hexadecimal
};

std::span<const ConsoleAsset> console_assets();

}  // namespace eddy::host
