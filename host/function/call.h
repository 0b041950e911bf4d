// SPDX-License-Identifier: Apache-2.0
// One call into a plugin, as the host sees it: where its outputs, its failure and its scratch memory are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/record.h"
#include "eddy/abi.h"
#include "eddy/ext/state.h"
#include "function/binding.h"
#include "function/scratch.h"
#include "function/staging.h"
#include "guard/guard.h"
#include "model/decoder.h"

namespace eddy::host {

inline constexpr std::size_t kMaxStateBytes = std::size_t{64} << 20;  // as eddy/ext/state.h has it

// What it takes to keep so many bytes in so many outputs with so many headers: small ones are many.
constexpr std::size_t call_bytes(std::size_t bytes, std::size_t outputs, std::size_t headers) {
  return bytes + outputs * sizeof(Staging::Output) + headers * 3 * sizeof(Header);
}

// Why a call failed. Kept from call to call for its memory; `given` says whether this call filled it.
struct CallFailure {
  bool given = false;
  std::uint32_t kind = EDDY_FAIL_PLAIN;
  std::string type;
  std::string message;

  void set(std::uint32_t new_kind, std::string_view new_type, std::string_view new_message);
};

}  // namespace eddy::host

// The ABI's opaque type. One per worker, used for one call after another; only its own thread touches it.
struct eddy_call {
  // Of the running function; null outside of a worker (inspect, describe).
  const eddy::host::Binding* binding = nullptr;
  const eddy::host::ThreadGuard* guard = nullptr;
  // Of the record being processed.
  eddy::host::Bytes input_key;
  std::int64_t input_timestamp_us = 0;
  std::size_t input_header_bytes = 0;

  eddy::host::Staging outputs;
  std::size_t output_headers = 0;  // of all of them
  eddy::host::CallFailure failure;
  bool output_refused = false;   // emit() has said no: the call fails whatever it returns
  std::string* state = nullptr;  // where write() of a state goes; null: the function saves nothing now
  bool state_refused = false;    // it did not fit: nothing is handed over
  eddy::host::Scratch scratch;
  eddy::host::Decoder decoder;  // for decode() callbacks; the input's own row is in the worker's

  // Forgets the last record and begins with this one. `headers` are those that outputs inherit.
  void start(eddy::host::Bytes key, std::span<const eddy::host::Header> headers, std::int64_t timestamp_us);
};

namespace eddy::host {

// The table every plugin is given. Valid until the process ends.
const eddy_host* host_table();
// What save() of a state writes to.
const eddy_state_writer* state_writer();

}  // namespace eddy::host
