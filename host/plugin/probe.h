// SPDX-License-Identifier: Apache-2.0
// Step "probe": a child process does first what the host would do with the file: its constructors run, and its entry
// and describe. What the host could not survive ends the child, and the file is refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "eddy/abi.h"
#include "plugin/manifest.h"
#include "sandbox/zygote.h"

namespace eddy::host {

struct ProbeRequest {
  std::string mapped_path;
  std::uint16_t abi_major = 0;  // of the note
  std::uint16_t abi_minor_required = 0;
  std::uint32_t timeout_ms = 0;                      // for entry and describe, each; 0: none
  std::chrono::milliseconds constructors_within{0};  // the child is killed then
};

// In the host: what the plugin declares. An error is the refusal that the child found, in the words of its step ("load:
// …", "describe: …"), or what became of the child ("probe: …").
Result<Manifest> probe(Zygote& zygote, const ProbeRequest& request, const std::string& plugin);

// In the child: its whole life. `host`: what plugins are given.
int probe_child(const std::string& payload, std::span<const int> fds, const eddy_host* host);

}  // namespace eddy::host
