// SPDX-License-Identifier: Apache-2.0
// Where a plugin's body puts its declarations: into the host's registrar, or, when it is run again for that, nowhere
// but for the one function whose offers are looked up.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "eddy/ext/state.h"
#include "eddy/host.hpp"
#include "eddy/schema.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

// The model of what a stream carries; NULL: any bytes.
template <class T>
constexpr const eddy_model* model_or_null() {
  if constexpr (Model<T>) return &model_of<T>;
  return nullptr;
}

// An empty name is "not given", which is null in the ABI.
constexpr eddy_str optional_name(std::string_view name) { return name.empty() ? eddy_str{nullptr, 0} : to_abi(name); }

constexpr std::uint32_t day_count(std::chrono::days days) {
  return days.count() > 0 ? static_cast<std::uint32_t>(days.count()) : 0;
}

class Declarations {
 public:
  Declarations(const eddy_registrar* registrar, eddy_registry* registry) : registrar_(registrar), registry_(registry) {}
  explicit Declarations(std::string_view wanted) : wanted_(wanted) {}
  Declarations(const Declarations&) = delete;
  Declarations& operator=(const Declarations&) = delete;

  void add(const eddy_stream_decl& decl) { declare(&eddy_registrar::stream, decl); }
  void add(const eddy_queue_decl& decl) { declare(&eddy_registrar::queue, decl); }
  void add(const eddy_table_decl& decl) { declare(&eddy_registrar::table, decl); }
  void add(const eddy_ingest_api_decl& decl) { declare(&eddy_registrar::ingest_api, decl); }
  void add(const eddy_function_decl& decl, const eddy_state* state) {
    declare(&eddy_registrar::function, decl);
    if (to_view(decl.name) == wanted_) state_ = state;
  }

  // The first reason counts.
  void refuse(std::string_view type, std::string_view message) {
    if (status_ == EDDY_OK && registrar_ != nullptr) registrar_->fail(registry_, to_abi(type), to_abi(message));
    status_ = EDDY_FAILED;
  }
  std::uint32_t status() const noexcept { return status_; }
  // Of the function that was wanted; NULL: it offers none.
  const eddy_state* state() const noexcept { return state_; }

 private:
  template <class Decl>
  void declare(std::uint32_t (*eddy_registrar::*as)(eddy_registry*, const Decl*), const Decl& decl) {
    if (registrar_ == nullptr) return;
    if ((registrar_->*as)(registry_, &decl) != EDDY_OK) status_ = EDDY_FAILED;  // the registrar has given its reason
  }

  const eddy_registrar* registrar_ = nullptr;
  eddy_registry* registry_ = nullptr;
  std::string_view wanted_;
  const eddy_state* state_ = nullptr;
  std::uint32_t status_ = EDDY_OK;
};

}  // namespace EDDY_HIDDEN
}  // namespace eddy
