// SPDX-License-Identifier: Apache-2.0
// Addresses to names, after the fact, by libdw.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guard/guard.h"

namespace eddy::host {

struct Frame {
  std::string module;    // file name of the image, without folders
  std::uint64_t offset;  // in the module
  std::string function;  // demangled; empty when unknown
  std::string file;      // source, when the image has debug information
  int line = 0;
  bool in_image = false;  // inside the CodeRange asked for
};

// Symbolises a fault's pc and frames, innermost first; cached by address. Thread-safe; takes milliseconds at first
// sight.
std::vector<Frame> symbolise(const Fault& fault, const CodeRange& image);

// "module+0x1f30" for any address of this process.
std::string module_offset(std::uintptr_t address);

// "SIGSEGV" and so on.
const char* signal_name(int signal);

// One line for an operator: "SIGSEGV (address not mapped) at 0x10 in movies.so+0x2f31 (to_release)".
std::string describe(Verdict verdict, const Fault& fault, std::uint32_t timeout_ms, const CodeRange& image);

}  // namespace eddy::host
