// SPDX-License-Identifier: Apache-2.0
// The host's registrar for one describe call; remembers whether everything was taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

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
  Declarations(const Declarations&) = delete;
  Declarations& operator=(const Declarations&) = delete;

  void add(const eddy_stream_decl& decl) { note(registrar_->stream(registry_, &decl)); }
  void add(const eddy_queue_decl& decl) { note(registrar_->queue(registry_, &decl)); }
  void add(const eddy_table_decl& decl) { note(registrar_->table(registry_, &decl)); }
  void add(const eddy_ingest_api_decl& decl) { note(registrar_->ingest_api(registry_, &decl)); }
  void add(const eddy_function_decl& decl) { note(registrar_->function(registry_, &decl)); }

  // The first reason counts.
  void refuse(std::string_view type, std::string_view message) {
    if (status_ == EDDY_OK) registrar_->fail(registry_, to_abi(type), to_abi(message));
    status_ = EDDY_FAILED;
  }
  std::uint32_t status() const noexcept { return status_; }

 private:
  void note(std::uint32_t taken) {
    if (taken != EDDY_OK) status_ = EDDY_FAILED;  // the registrar has given its reason
  }

  const eddy_registrar* registrar_;
  eddy_registry* registry_;
  std::uint32_t status_ = EDDY_OK;
};

}  // namespace EDDY_HIDDEN
}  // namespace eddy
