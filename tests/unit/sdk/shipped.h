// SPDX-License-Identifier: Apache-2.0
// An example plugin as it was built, loaded from its file.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "fake_host.h"

namespace eddy::test {

// The image stays mapped, as in the host.
inline FakePlugin::Describe shipped(const std::string& name) {
  const std::string path = std::string(EDDY_PLUGINS) + "/" + name + ".so";
  void* image = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (image == nullptr) throw std::runtime_error(dlerror());
  const auto entry = reinterpret_cast<eddy_plugin_main_fn>(dlsym(image, EDDY_PLUGIN_MAIN_NAME));
  if (entry == nullptr) throw std::runtime_error(path + " has no entry point");
  const eddy_plugin* plugin = entry(fake_host());
  if (plugin == nullptr) throw std::runtime_error(path + " refused the host");
  return plugin->describe;
}

}  // namespace eddy::test
