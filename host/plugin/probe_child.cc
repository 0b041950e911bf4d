// SPDX-License-Identifier: Apache-2.0
// The child's side of probe.h.
#include <malloc.h>

#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "guard/guard.h"
#include "plugin/describe.h"
#include "plugin/load.h"
#include "plugin/note.h"
#include "plugin/probe.h"
#include "plugin/probe_report.h"
#include "plugin/refusal.h"
#include "plugin/unwritten.h"
#include "sandbox/fork_trap.h"

namespace eddy::host {
namespace {

using Step = ProbeReport::Step;

Error thrown(const std::string& what) {
  return refuse("probe", "constructors that return", "one that threw " + what, kProbeAdvice);
}

// An exception may or may not come through the system's loader; its locks are then held, but this process ends.
Result<LoadedImage> load(const std::string& path) {
  try {
    return load_image(path);
  } catch (const std::exception& error) {
    return thrown(std::string("an exception: ") + error.what());
  } catch (...) {
    return thrown("something that is no std::exception");
  }
}

// Damage to the heap kills whoever stumbles over it later. The C library stumbles here, in a process that may die of
// it: sorting all that is free, it compares what stands before and after each block.
void walk_the_heap() {
  constexpr std::size_t kLargest = std::size_t{256} << 10;
  std::vector<void*> blocks;
  for (std::size_t size = 16; size < kLargest; size += size / 8 + 16) blocks.push_back(std::malloc(size));
  for (void* const block : blocks) std::free(block);
  static_cast<void>(::malloc_trim(0));
}

Result<void> probe_steps(const nlohmann::json& request, int file, const eddy_host* host) {
  EDDY_TRY(install_guard());
  EDDY_TRY(set_fork_trap());
  fill_unwritten_heap();
  report_step(file, Step::kConstructors);
  EDDY_ASSIGN(const LoadedImage loaded, load(request.at("path").get<std::string>()));
  report_step(file, Step::kDescribe);
  PluginNote note;
  note.abi_major = request.at("abi_major").get<std::uint16_t>();
  note.abi_minor_required = request.at("abi_minor_required").get<std::uint16_t>();
  EDDY_ASSIGN(const Manifest manifest,
              describe_image(loaded, host, note, request.at("timeout_ms").get<std::uint32_t>()));
  walk_the_heap();
  report_manifest(file, manifest);
  return {};
}

}  // namespace

int probe_child(const std::string& payload, std::span<const int> fds, const eddy_host* host) {
  const auto request = nlohmann::json::parse(payload);
  const auto done = probe_steps(request, fds.front(), host);
  if (!done) report_refusal(fds.front(), done.error());
  return 0;
}

}  // namespace eddy::host
