// SPDX-License-Identifier: Apache-2.0
#include "runtime/inventory.h"

#include "function/call.h"
#include "plugin/watcher.h"
#include "runtime/open_transport.h"
#include "runtime/trust.h"

namespace eddy::host {

Result<Inventory> open_inventory(const Settings& settings, bool with_store) {
  Inventory inventory;
  EDDY_ASSIGN(inventory.zygote, Zygote::start());
  EDDY_ASSIGN(inventory.state, TemporaryFolder::make());
  EDDY_ASSIGN(Trust trust, open_trust(settings));
  inventory.registry =
      std::make_unique<Registry>(settings.plugin_dir, Loader({.state_dir = inventory.state.path(),
                                                              .host = host_table(),
                                                              .trust = std::move(trust),
                                                              .zygote = inventory.zygote.get(),
                                                              .in_host = [](const Manifest&) { return false; }}));
  EDDY_ASSIGN(const auto watcher, Watcher::open(settings.plugin_dir));
  EDDY_ASSIGN(const auto stamps, watcher->list());
  inventory.events = inventory.registry->scan(stamps).events;
  if (with_store) {
    EDDY_ASSIGN(inventory.transport, open_transport(settings, TransportUse::kTool));
  }
  return inventory;
}

}  // namespace eddy::host
