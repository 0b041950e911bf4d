// SPDX-License-Identifier: Apache-2.0
#include "plugin/offers.h"

#include "base/bytes.h"
#include "guard/guard.h"
#include "plugin/declaration.h"
#include "plugin/guarded_call.h"

namespace eddy::host {

namespace {

// Copies a table that the plugin returned. A wild pointer is the plugin's fault; a copy of a small struct is zero
// behind.
template <typename T>
bool copy_table(const void* from, T& copy) {
  if (from == nullptr) return false;
  const HostScope scope;
  std::uint32_t size = 0;
  std::memcpy(&size, from, sizeof size);
  std::memcpy(&copy, from, size < sizeof copy ? size : sizeof copy);
  return true;
}

struct ExtensionCall {
  const void* (*extension)(const char* name);
  const char* name;
  eddy_state_ext table{};
  bool given = false;

  static void run(void* argument) {
    auto& self = *static_cast<ExtensionCall*>(argument);
    self.given = copy_table(self.extension(self.name), self.table);
  }
};

struct StateCall {
  decltype(eddy_state_ext::of) of;
  eddy_str function;
  eddy_state state{};
  bool given = false;

  static void run(void* argument) {
    auto& self = *static_cast<StateCall*>(argument);
    self.given = copy_table(self.of(self.function), self.state);
  }
};

Error unfit(const std::string& what, const std::string& expected, const std::string& found) {
  return Error{Code::kRefused, "describe: " + what + ": expected " + expected + ", found " + found +
                                   "; fill it as in eddy/ext/state.h"};
}

template <typename T>
bool outside(T* function, const CodeRange& code) {
  return !code.contains(reinterpret_cast<std::uintptr_t>(function));
}

Result<void> check(const eddy_state& state, const std::string& what, const CodeRange& code) {
  constexpr std::size_t kSmallest = offsetof(eddy_state, load) + sizeof(eddy_state::load);
  if (state.struct_size < kSmallest || state.save == nullptr || state.load == nullptr) {
    return unfit(what, "an eddy_state with both save and load",
                 "a struct of " + std::to_string(state.struct_size) + " bytes without them");
  }
  if (outside(state.save, code) || outside(state.load, code)) {
    return unfit(what, "functions in the plugin's own code", "save or load elsewhere");
  }
  return {};
}

}  // namespace

Result<void> read_offers(const eddy_plugin& plugin, const CodeRange& code, std::uint32_t timeout_ms,
                         Manifest& manifest) {
  if (plugin.extension == nullptr) return {};
  ExtensionCall call{.extension = plugin.extension, .name = EDDY_STATE};
  EDDY_TRY(guarded_call(call, "extension", code, timeout_ms));
  if (!call.given) return {};
  constexpr std::size_t kSmallest = offsetof(eddy_state_ext, of) + sizeof(eddy_state_ext::of);
  if (call.table.struct_size < kSmallest || call.table.of == nullptr || outside(call.table.of, code)) {
    return unfit("extension " EDDY_STATE, "an eddy_state_ext with a function in the plugin's own code",
                 "a struct of " + std::to_string(call.table.struct_size) + " bytes without one");
  }
  for (FunctionDecl& function : manifest.functions) {
    StateCall state{.of = call.table.of, .function = to_abi(function.name)};
    EDDY_TRY(guarded_call(state, EDDY_STATE, code, timeout_ms));
    if (!state.given) continue;
    EDDY_TRY(check(state.state, "the state of function \"" + function.name + "\"", code));
    function.state = state.state;
  }
  return {};
}

}  // namespace eddy::host
