// SPDX-License-Identifier: Apache-2.0
// EDDY_PLUGIN(app) { … }: the plugin's entry point, in exactly one source file, at global scope.
// EDDY_PLUGIN_INFO("name", "1.2.0"): the plugin's name and version, at most once, at global scope.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "eddy/app.hpp"
#include "eddy/barrier.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

// The lowest ABI minor that what these headers produce needs.
inline constexpr std::uint16_t kMinorRequired = 0;

using Body = void (*)(App&);

inline std::uint32_t describe(Body body, const eddy_registrar* registrar, eddy_registry* registry) {
  Declarations declarations(registrar, registry);
  TypeName names;
  return caught(
      names,
      [&] {
        App app(declarations);
        body(app);
        return declarations.status();
      },
      [&](FailKind, std::string_view type, std::string_view message) {
        declarations.refuse(type, message);
        return std::uint32_t{EDDY_FAILED};
      });
}

// What the function of this name hands to its successor. The body says so: it is run again, with nobody listening.
inline const eddy_state* state_of(Body body, eddy_str function) {
  Declarations declarations(to_view(function));
  TypeName names;
  caught(
      names,
      [&] {
        App app(declarations);
        body(app);
        return std::uint32_t{EDDY_OK};
      },
      [](FailKind, std::string_view, std::string_view) { return std::uint32_t{EDDY_FAILED}; });
  return declarations.state();
}

// NULL refuses a host that lacks what the headers call.
inline const eddy_plugin* start(const eddy_host* host, const eddy_plugin* plugin) {
  constexpr std::size_t needed = offsetof(eddy_host, extension) + sizeof(eddy_host::extension);
  if (host == nullptr || host->abi_major != EDDY_ABI_MAJOR || host->struct_size < needed) return nullptr;
  plugin_host = host;
  return plugin;
}

constexpr bool is_plugin_name(std::string_view name) {
  for (const char c : name) {
    const bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!word && c != '_' && c != '.' && c != '-') return false;
  }
  return !name.empty() && name.size() < sizeof(eddy_note_info{}.plugin_name);
}

constexpr bool is_plugin_version(std::string_view version) {
  return !version.empty() && version.size() < sizeof(eddy_note_info{}.plugin_version);
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy

#define EDDY_PLUGIN(app)                                                                                        \
  EDDY_DEFINE_ABI_NOTE(::eddy::detail::kMinorRequired);                                                         \
  const eddy_host* eddy::detail::plugin_host = nullptr;                                                         \
  static void eddy_plugin_body(::eddy::App& app);                                                               \
  static std::uint32_t eddy_plugin_describe(const eddy_registrar* registrar, eddy_registry* registry) {         \
    return ::eddy::detail::describe(&eddy_plugin_body, registrar, registry);                                    \
  }                                                                                                             \
  static const eddy_state* eddy_plugin_state_of(eddy_str function) {                                            \
    return ::eddy::detail::state_of(&eddy_plugin_body, function);                                               \
  }                                                                                                             \
  static const void* eddy_plugin_extension(const char* name) {                                                  \
    static constexpr eddy_state_ext state = {sizeof(eddy_state_ext), 0, &eddy_plugin_state_of};                 \
    return std::string_view(name) == EDDY_STATE ? &state : nullptr;                                             \
  }                                                                                                             \
  extern "C" EDDY_EXPORT const eddy_plugin* eddy_plugin_main_v1(const eddy_host* host) {                        \
    static constexpr eddy_plugin plugin = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, ::eddy::detail::kMinorRequired, \
                                           &eddy_plugin_describe, &eddy_plugin_extension};                      \
    return ::eddy::detail::start(host, &plugin);                                                                \
  }                                                                                                             \
  static void eddy_plugin_body([[maybe_unused]] ::eddy::App& app)

#define EDDY_PLUGIN_INFO(name, version)                                                                         \
  static_assert(::eddy::detail::is_plugin_name(name),                                                           \
                "eddy: a plugin's name has 1 to 63 characters of A-Z a-z 0-9 _ . -");                           \
  static_assert(::eddy::detail::is_plugin_version(version), "eddy: a plugin's version has 1 to 31 characters"); \
  EDDY_DEFINE_INFO_NOTE(name, version);
