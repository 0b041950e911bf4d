// SPDX-License-Identifier: Apache-2.0
#include "runtime/inventory.h"

#include <filesystem>

#include "function/call.h"
#include "guard/guard.h"
#include "plugin/watcher.h"
#include "stream/embedded/embedded.h"

namespace eddy::host {

Result<std::unique_ptr<Transport>> open_store(const Settings& settings) {
  std::error_code failed;
  std::filesystem::create_directories(settings.data_dir, failed);
  if (failed) return Error{Code::kUnavailable, "data_dir " + settings.data_dir + ": " + failed.message()};
  return open_embedded({.data_dir = settings.data_dir,
                        .sync_full = settings.embedded_sync == Sync::kFull,
                        .max_record_bytes = settings.embedded_max_record_bytes,
                        .exclusive = false});
}

Result<Inventory> open_inventory(const Settings& settings, bool with_store) {
  Inventory inventory;
  EDDY_TRY(install_guard());
  EDDY_ASSIGN(inventory.state, TemporaryFolder::make());
  inventory.registry = std::make_unique<Registry>(settings.plugin_dir, Loader({inventory.state.path(), host_table()}));
  EDDY_ASSIGN(const auto watcher, Watcher::open(settings.plugin_dir));
  EDDY_ASSIGN(const auto stamps, watcher->list());
  inventory.events = inventory.registry->scan(stamps).events;
  if (with_store) {
    EDDY_ASSIGN(inventory.transport, open_store(settings));
  }
  return inventory;
}

}  // namespace eddy::host
