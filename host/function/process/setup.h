// SPDX-License-Identifier: Apache-2.0
// What a worker process is told at its start: which function of which file, and what it may do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "function/binding.h"
#include "sandbox/confine.h"

namespace eddy::host {

struct WorkerSetup {
  PluginIdentity identity;
  std::string mapped_path;  // the private copy, which the host has written and hashed
  std::uint16_t abi_major = 0, abi_minor_required = 0;
  std::string function;
  std::string config_json;
  std::uint32_t timeout_ms = 0;
  // In the binding's order: an output's stream is a number into it. `model` is null, `foreign_model` its signature.
  std::vector<Destination> destinations;
  Confinement confinement;
  LogOptions log;
  std::vector<std::string> letter_keys{};  // of a function over a queue
};

WorkerSetup setup_for(const Binding& binding);

// JSON text. from_json is only ever given what to_json made.
std::string to_json(const WorkerSetup& setup);
Result<WorkerSetup> from_json(std::string_view text);

}  // namespace eddy::host
