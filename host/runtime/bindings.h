// SPDX-License-Identifier: Apache-2.0
// From a checked topology and the settings to what each function needs to run.
#pragma once

#include <map>
#include <string>

#include "function/binding.h"
#include "function/runner.h"
#include "plugin/topology.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

struct BoundFunction {
  Runner::Shape shape;
  BindingPtr binding;
};

// Creates the streams that are missing and resolves every function. Fails when a stream cannot be created, or when the
// settings send a function's dead letters to a stream that is no queue. Safe to call again for every change.
Result<std::map<std::string, BoundFunction>> bind_functions(const Topology& topology, const Settings& settings,
                                                            std::uint64_t settings_version, Transport& transport);

}  // namespace eddy::host
