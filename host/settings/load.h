// SPDX-License-Identifier: Apache-2.0
// Reads a configuration file: YAML, or JSON as its subset.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "settings/settings.h"

namespace eddy::host {

// One finding, with its place. `line` and `column` start at 1; 0 when the file as a whole is meant.
struct Finding {
  std::string file;
  int line = 0;
  int column = 0;
  std::string text;  // what, expected, found, what to do
  // "config/eddy.yaml:4:3: streams.transprt: unknown key; did you mean transport?"
  std::string message() const;
};

struct LoadedSettings {
  Settings settings;
  std::vector<Finding> errors;  // empty: the settings are good. All of them at once, in file order.
  bool empty = false;           // there is not a byte in the file
};

// An empty file gives the defaults. Relative paths in the file are taken from the working directory, as the default
// configuration shows.
LoadedSettings load_settings(const std::string& path);
LoadedSettings parse_settings(const std::string& text, const std::string& name);

}  // namespace eddy::host
