// SPDX-License-Identifier: Apache-2.0
// Boost.DLL 1.74 needs <vector> and <filesystem> before it when it is told to use the standard's paths.
#include <filesystem>
#include <vector>
#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>

#include <atomic>
#include <boost/dll/shared_library.hpp>
#include <memory>

#include "plugin/load.h"
#include "plugin/refusal.h"
#include "plugin/unwritten.h"

namespace eddy::host {

namespace {

constexpr const char* kLoadStep = "load";

std::atomic<std::size_t> loaded_count{0};

// Images are never unmapped, so their handles live as long as the process; reachable, so that leak checkers agree.
void keep_for_good(boost::dll::shared_library library) {
  static auto* const libraries = new std::vector<boost::dll::shared_library>;
  libraries->push_back(std::move(library));
  loaded_count.fetch_add(1, std::memory_order_relaxed);
}

// dlerror names the private copy, which tells an operator nothing.
std::string loader_text(const std::string& mapped_path) {
  const char* text = ::dlerror();  // Boost's own error code is always "bad file descriptor"
  std::string reason = text != nullptr ? text : "an unknown error";
  if (reason.starts_with(mapped_path + ": ")) reason.erase(0, mapped_path.size() + 2);
  return reason;
}

}  // namespace

std::size_t loaded_images() { return loaded_count.load(std::memory_order_relaxed); }

Result<LoadedImage> load_image(const std::string& mapped_path) {
  boost::dll::shared_library library;
  boost::dll::fs::error_code failed;
  ::dlerror();
  fill_unwritten_stack();
  library.load(mapped_path, failed, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (failed) {
    return refuse(kLoadStep, "a shared object whose symbols and libraries are all found", loader_text(mapped_path),
                  "link what it uses (-Wl,-z,defs tells at link time)");
  }
  void* const symbol = ::dlsym(library.native(), EDDY_PLUGIN_MAIN_NAME);
  keep_for_good(std::move(library));
  const CodeRange code = code_range_of(symbol);
  if (symbol == nullptr || !code.contains(reinterpret_cast<std::uintptr_t>(symbol))) {
    return refuse(kLoadStep, "the function " EDDY_PLUGIN_MAIN_NAME " in the image's code", "it nowhere",
                  "define it as in eddy/abi.h");
  }
  return LoadedImage{reinterpret_cast<eddy_plugin_main_fn>(symbol), code};
}

}  // namespace eddy::host
