// SPDX-License-Identifier: Apache-2.0
// A whole plugin: what it declares, and its functions by name.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eddy/testing/function.hpp"

// The entry point of this very program, from its EDDY_PLUGIN.
extern "C" const eddy_plugin* eddy_plugin_main_v1(const eddy_host* host);

namespace eddy::testing {

struct Declared {
  std::string what;  // "stream", "queue", "table", "ingest_api" or "function"
  std::string name;
  Text source = std::nullopt;             // of a function
  Text destination = std::nullopt;        // of a stream, an ingest API or a transform
  Text dead_letter_queue = std::nullopt;  // of a stream, an ingest API or a function
};

class Plugin {
 public:
  Plugin() : Plugin(&eddy_plugin_main_v1) {}
  explicit Plugin(eddy_plugin_main_fn entry) { describe(entry); }
  // The built .so, which stays loaded. Throws std::runtime_error when it cannot be.
  explicit Plugin(const std::string& file) {
    void* image = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (image == nullptr) throw std::runtime_error(::dlerror());
    void* entry = ::dlsym(image, EDDY_PLUGIN_MAIN_NAME);
    if (entry == nullptr) throw std::runtime_error(file + " does not export " EDDY_PLUGIN_MAIN_NAME);
    describe(reinterpret_cast<eddy_plugin_main_fn>(entry));
  }

  // False: a host would refuse it, and refusal() is what it would say.
  bool accepted() const { return accepted_; }
  const std::string& refusal() const { return refusal_; }
  const std::vector<Declared>& declared() const { return declared_; }
  // Throws std::out_of_range when there is none.
  const Declared& find(std::string_view what, std::string_view name) const {
    for (const Declared& one : declared_) {
      if (one.what == what && one.name == name) return one;
    }
    throw std::out_of_range("eddy::testing: the plugin declares no " + std::string(what) + " " + std::string(name));
  }

  // An instance of its own, made at the first run. Throws std::out_of_range that names the functions there are.
  Function function(std::string_view name, std::string config = "{}") const {
    std::string known;
    for (const auto& [one, decl] : functions_) {
      if (one == name) return Function(decl, std::move(config));
      known += " " + one;
    }
    throw std::out_of_range("eddy::testing: the plugin has no function " + std::string(name) + "; it has:" + known);
  }

 private:
  static Plugin& of(eddy_registry* registry) { return *reinterpret_cast<Plugin*>(registry); }

  std::uint32_t add(Declared one) {
    if (one.name.empty()) refusal_ = "a " + one.what + " has no name";
    declared_.push_back(std::move(one));
    return refusal_.empty() ? EDDY_OK : EDDY_FAILED;
  }

  struct Registrar {
    static std::uint32_t stream(eddy_registry* to, const eddy_stream_decl* decl) {
      return of(to).add({"stream", inner::to_string(decl->name), std::nullopt, inner::to_text(decl->destination),
                         inner::to_text(decl->dead_letter_queue)});
    }
    static std::uint32_t queue(eddy_registry* to, const eddy_queue_decl* decl) {
      return of(to).add({"queue", inner::to_string(decl->name)});
    }
    static std::uint32_t table(eddy_registry* to, const eddy_table_decl* decl) {
      return of(to).add({"table", inner::to_string(decl->name)});
    }
    static std::uint32_t ingest_api(eddy_registry* to, const eddy_ingest_api_decl* decl) {
      return of(to).add({"ingest_api", inner::to_string(decl->name), std::nullopt, inner::to_text(decl->destination),
                         inner::to_text(decl->dead_letter_queue)});
    }
    static std::uint32_t function(eddy_registry* to, const eddy_function_decl* decl) {
      of(to).functions_.emplace_back(inner::to_string(decl->name), *decl);
      return of(to).add({"function", inner::to_string(decl->name), inner::to_text(decl->source),
                         inner::to_text(decl->destination), inner::to_text(decl->dead_letter_queue)});
    }
    static void fail(eddy_registry* to, eddy_str type, eddy_str message) {
      of(to).refusal_ = inner::to_string(type) + ": " + inner::to_string(message);
    }
  };

  void describe(eddy_plugin_main_fn entry) {
    using R = Registrar;
    static constexpr eddy_registrar kRegistrar = {
        sizeof(eddy_registrar), 0, &R::stream, &R::queue, &R::table, &R::ingest_api, &R::function, &R::fail};
    const eddy_plugin* plugin = entry(inner::host());
    if (plugin == nullptr) {
      refusal_ = "the plugin refuses this host";
      return;
    }
    accepted_ = plugin->describe(&kRegistrar, reinterpret_cast<eddy_registry*>(this)) == EDDY_OK && refusal_.empty();
  }

  bool accepted_ = false;
  std::string refusal_;
  std::vector<Declared> declared_;
  std::vector<std::pair<std::string, eddy_function_decl>> functions_;
};

}  // namespace eddy::testing
