// SPDX-License-Identifier: Apache-2.0
// A registry over a directory that tests put plugins into.
#pragma once

#include <string>

#include "plugin/registry.h"
#include "zoo.h"

namespace eddy::host {

class RegistryTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(install_guard()); }

  Registry::Change scan() { return registry_.scan(stamps_of(directory_)); }
  PluginStatus status(const std::string& file) {
    for (const PluginStatus& status : registry_.statuses()) {
      if (status.file == directory_ / file) return status;
    }
    return {};
  }
  const TopologyFunction* function(const std::string& name) {
    const auto found = registry_.topology().functions.find(name);
    return found == registry_.topology().functions.end() ? nullptr : &found->second;
  }
  std::string running_version(const std::string& name) {
    const TopologyFunction* const found = function(name);
    return found == nullptr ? "" : found->image->identity.version;
  }

  TempDir state_;
  TempDir directory_;
  Registry registry_{directory_.path(), Loader(loader_options(state_))};
};

}  // namespace eddy::host
