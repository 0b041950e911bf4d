// SPDX-License-Identifier: Apache-2.0
// Step "note": what a plugin says about itself before any of its code runs.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "plugin/elf.h"

namespace eddy::host {

struct PluginNote {
  std::uint16_t abi_major = 0;
  std::uint16_t abi_minor_required = 0;
  std::string sdk_version;
  std::string name;      // empty: not given
  std::string version;   // empty: not given
  std::string build_id;  // hex; empty: none
};

// Compatible: the same major, a minor not above the host's.
Result<PluginNote> read_note(const Elf& elf);

// What names of plugins, streams, tables and functions are made of: [A-Za-z0-9_.-], 1 to 200 characters, not "." or
// "..".
bool is_name(std::string_view text);

}  // namespace eddy::host
