// SPDX-License-Identifier: Apache-2.0
// The host as it stands on disk, for commands that look and do not run: what plugins declare, found out in child
// processes and never loaded here; the store beside a host that may be running.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "plugin/registry.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

struct Inventory {
  TemporaryFolder state;  // private copies of the plugins, apart from a running host's
  std::unique_ptr<Zygote> zygote;
  std::unique_ptr<Registry> registry;
  std::vector<PluginStatus> events;      // what the scan said: loaded and refused files
  std::unique_ptr<Transport> transport;  // null when the store was not asked for

  const Topology& topology() const { return registry->topology(); }
};

// `with_store` false: nothing of the data directory is touched. A plugin directory that is not there is an error.
Result<Inventory> open_inventory(const Settings& settings, bool with_store);

}  // namespace eddy::host
