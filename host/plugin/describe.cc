// SPDX-License-Identifier: Apache-2.0
#include "plugin/describe.h"

#include <cstring>
#include <memory>

#include "plugin/guarded_call.h"
#include "plugin/offers.h"
#include "plugin/refusal.h"
#include "plugin/registrar.h"

namespace eddy::host {

namespace {

constexpr const char* kDescribeStep = "describe";

struct EntryCall {
  eddy_plugin_main_fn entry;
  const eddy_host* host;
  const eddy_plugin* plugin = nullptr;
  eddy_plugin copy{};

  static void run(void* argument) {
    auto& self = *static_cast<EntryCall*>(argument);
    self.plugin = self.entry(self.host);
    if (self.plugin == nullptr) return;
    const HostScope scope;  // a wild pointer is the plugin's fault
    std::uint32_t size = 0;
    std::memcpy(&size, self.plugin, sizeof size);
    std::memcpy(&self.copy, self.plugin, size < sizeof self.copy ? size : sizeof self.copy);
  }
};

struct DescribeCall {
  decltype(eddy_plugin::describe) describe;
  eddy_registry* registry;
  std::uint32_t status = EDDY_FAILED;

  static void run(void* argument) {
    auto& self = *static_cast<DescribeCall*>(argument);
    self.status = self.describe(&Registrar::table(), self.registry);
  }
};

Result<void> check_table(const eddy_plugin& plugin, const PluginNote& note) {
  constexpr std::size_t kSmallest = offsetof(eddy_plugin, describe) + sizeof(eddy_plugin::describe);
  if (plugin.struct_size < kSmallest || plugin.describe == nullptr) {
    return refuse(kDescribeStep, "an eddy_plugin with a describe function",
                  "a struct of " + std::to_string(plugin.struct_size) + " bytes without one",
                  "fill it as in eddy/abi.h, struct_size included");
  }
  if (plugin.abi_major == note.abi_major && plugin.abi_minor_required == note.abi_minor_required) return {};
  const auto version = [](unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
  };
  return refuse(kDescribeStep, "the ABI of the note, " + version(note.abi_major, note.abi_minor_required),
                "ABI " + version(plugin.abi_major, plugin.abi_minor_required) + " in eddy_plugin",
                "give both the same lowest minor");
}

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "; ") + problem;
  return text;
}

}  // namespace

Result<Manifest> describe_image(const LoadedImage& image, const eddy_host* host, const PluginNote& note,
                                std::uint32_t timeout_ms) {
  EntryCall entry{.entry = image.entry, .host = host};
  EDDY_TRY(guarded_call(entry, EDDY_PLUGIN_MAIN_NAME, image.code, timeout_ms));
  if (entry.plugin == nullptr) {
    return refuse(kDescribeStep, EDDY_PLUGIN_MAIN_NAME " to return its eddy_plugin",
                  "NULL: the plugin refuses this host", "see what the plugin has logged");
  }
  EDDY_TRY(check_table(entry.copy, note));
  Registrar registrar(image.code);
  DescribeCall call{.describe = entry.copy.describe, .registry = registrar.handle()};
  EDDY_TRY(guarded_call(call, "describe", image.code, timeout_ms));
  if (!registrar.problems().empty()) {
    return Error{Code::kRefused, std::string(kDescribeStep) + ": " + joined(registrar.problems())};
  }
  if (call.status != EDDY_OK) {
    return refuse(kDescribeStep, "EDDY_OK",
                  registrar.reason().empty() ? "EDDY_FAILED without a reason" : registrar.reason(),
                  "the plugin itself says so");
  }
  EDDY_TRY(read_offers(entry.copy, image.code, timeout_ms, registrar.manifest()));
  return std::move(registrar.manifest());
}

}  // namespace eddy::host
