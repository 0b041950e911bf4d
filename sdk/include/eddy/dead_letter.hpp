// SPDX-License-Identifier: Apache-2.0
// One failed record with its reason, already parsed by the host. Every view is valid until the call returns.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "eddy/errors.hpp"
#include "eddy/json.hpp"
#include "eddy/record.hpp"
#include "eddy/validate.hpp"

namespace eddy {

// T is the model of the originals; eddy::Json or eddy::Record where they have none.
template <class T = Record>
struct DeadLetter {
  std::string_view error_type;
  std::string_view error_message;
  Timestamp failed_at;
  std::string_view source;  // "api", "transform" or "table"
  std::string_view id;
  std::string_view fingerprint;
  std::string_view function;  // the function that failed
  std::uint32_t attempts;     // calls made so far, the first included
  std::uint32_t hops;         // how often a recovery has already failed on it
  std::string_view origin_stream;
  std::uint32_t origin_partition;
  std::int64_t origin_offset;  // -1: it came from an ingest API

  DeadLetter(const eddy_dead_letter& letter, const eddy_record& record, eddy_call* call)
      : error_type(detail::to_view(letter.error_type)),
        error_message(detail::to_view(letter.error_message)),
        failed_at(letter.failed_at_us),
        source(detail::to_view(letter.source)),
        id(detail::to_view(letter.id)),
        fingerprint(detail::to_view(letter.fingerprint)),
        function(detail::to_view(letter.function)),
        attempts(letter.attempts),
        hops(letter.hops),
        origin_stream(detail::to_view(letter.origin_stream)),
        origin_partition(letter.origin_partition),
        origin_offset(letter.origin_offset),
        original_(detail::to_view(letter.original)),
        record_(record),
        call_(call) {}

  // The exact bytes of the original value; without data: a tombstone.
  std::string_view original() const noexcept { return original_; }
  std::string_view key() const noexcept { return record_.key(); }
  Headers headers() const noexcept { return record_.headers(); }
  std::optional<std::string_view> header(std::string_view name) const { return record_.header(name); }

  // The original as a T. Throws ValidationError when it does not fit.
  T as_typed() const requires detail::Model<T> { return decode<T>(original_); }
  T as_typed() const requires std::same_as<T, Json> { return as_json(); }

  // The original as JSON, whether or not it fits its model. Throws ValidationError when it is not JSON.
  template <class J = Json>
  requires(EDDY_HAS_JSON == 1) J as_json()
  const {
    J json = J::parse(original_.begin(), original_.end(), nullptr, false);
    if (json.is_discarded()) throw ValidationError("ParseError", "the original record is not JSON");
    return json;
  }

  // Any JSON text, such as a corrected copy of the original, as a U. Throws ValidationError when it does not fit.
  template <detail::Model U = T>
  U decode(std::string_view json) const {
    const eddy_value* row = nullptr;
    eddy_str type{};
    eddy_str message{};
    if (json.data() == nullptr) throw ValidationError("ParseError", "the record has no value (a tombstone)");
    if (detail::plugin_host->decode(call_, &detail::model_of<U>, detail::to_abi(json), &row, &type, &message) !=
        EDDY_OK) {
      throw ValidationError(std::string(detail::to_view(type)), std::string(detail::to_view(message)));
    }
    U value{};
    detail::read_row(row, value);
    detail::check(value);
    return value;
  }

 private:
  std::string_view original_;
  Record record_;
  eddy_call* call_;
};

}  // namespace eddy
