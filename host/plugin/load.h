// SPDX-License-Identifier: Apache-2.0
// Step "load": the private copy becomes an image in this process, for good.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "eddy/abi.h"
#include "guard/code_range.h"

namespace eddy::host {

struct LoadedImage {
  eddy_plugin_main_fn entry = nullptr;
  CodeRange code;
};

// Runs the plugin's static constructors, unguarded: jumping out of the system's loader would leave its lock held.
Result<LoadedImage> load_image(const std::string& mapped_path);

// How many images this process has; none is ever given back. Thread-safe.
std::size_t loaded_images();

}  // namespace eddy::host
