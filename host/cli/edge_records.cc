// SPDX-License-Identifier: Apache-2.0
#include "cli/edge_records.h"

#include <cmath>

#include "base/encoding.h"
#include "cli/command.h"
#include "model/model.h"

namespace eddy::host {

namespace {

constexpr std::size_t kLarge = std::size_t{1} << 20;

// The smallest value that fits, or, when `full`, one with everything in it.
Json fitting(const ModelType& type, bool full);

Json fitting_row(const Model& model, bool full) {
  Json row = Json::object();
  for (const ModelField& field : model.fields()) {
    if (full || field.type.kind != EDDY_TYPE_OPTIONAL) row[field.name] = fitting(field.type, full);
  }
  return row;
}

Json fitting(const ModelType& type, bool full) {
  switch (type.kind) {
    case EDDY_TYPE_BOOL:
      return full;
    case EDDY_TYPE_F32:
    case EDDY_TYPE_F64:
      return full ? -0.5 : 0.0;
    case EDDY_TYPE_STRING:
      return full ? std::string(kLarge, 'x') : std::string();
    case EDDY_TYPE_TIMESTAMP:
      return full ? "9999-12-31T23:59:59.999999Z" : "0000-01-01T00:00:00Z";
    case EDDY_TYPE_ENUM:
      return full ? type.symbols.back() : type.symbols.front();
    case EDDY_TYPE_MODEL:
      return fitting_row(*type.model, full);
    case EDDY_TYPE_JSON:
      return full ? Json{{"k", {1, "2", nullptr}}} : Json();
    case EDDY_TYPE_OPTIONAL:
      return fitting(*type.element, full);
    case EDDY_TYPE_LIST:
      return full ? Json::array({fitting(*type.element, false), fitting(*type.element, false)}) : Json::array();
    case EDDY_TYPE_MAP:
      return full ? Json{{"", fitting(*type.element, false)}} : Json::object();
    default: {
      const bool is_signed = type.kind <= EDDY_TYPE_I64;
      return full ? Json(is_signed ? -128 : 255) : Json(0);
    }
  }
}

std::string letter_around(const std::optional<std::string>& original) {
  return Json{{"original_record", original ? Json(to_base64(*original)) : Json()},
              {"error_message", "tried"},
              {"error_type", "Tried"},
              {"failed_at", "2024-01-01T00:00:00.000000Z"},
              {"source", "transform"},
              {"original_encoding", original ? "base64" : "json"},
              {"attempts", 1}}
      .dump();
}

}  // namespace

std::vector<EdgeRecord> edge_records(const FunctionDecl& function) {
  std::vector<EdgeRecord> records = {
      {"a null value", "key", std::nullopt, {}},
      {"an empty value", "key", "", {}},
      {"a null key", std::nullopt, "{}", {}},
      {"an empty key", "", "{}", {}},
      {"headers that are null, empty and repeated", "key", "{}", {{"h", std::nullopt}, {"h", ""}, {"", "v"}}},
      {"wrong JSON", "key", R"({"a":)", {}},
      {"JSON that is no object", "key", "[null]", {}},
      {"bytes that are no text", "key", std::string("\0\xff\xfe", 3), {}},
      {"a value of 1 MiB", "key", std::string(kLarge, 'x'), {}},
  };
  if (function.input_model != nullptr) {
    records.push_back({"a row of zeros", "key", fitting_row(*function.input_model, false).dump(), {}});
    records.push_back({"a row with everything", "key", fitting_row(*function.input_model, true).dump(), {}});
  }
  if (function.input == EDDY_INPUT_DEAD_LETTER) {
    for (EdgeRecord& record : records) record.value = letter_around(record.value);
  }
  return records;
}

}  // namespace eddy::host
