// SPDX-License-Identifier: Apache-2.0
#include "model/record_key.h"

namespace eddy::host {

std::optional<Bytes> record_key(const Model& model, const eddy_value* row, std::string& buffer) {
  if (model.key_field() < 0) return std::nullopt;
  const eddy_value& value = row[model.key_field()];
  switch (value.kind) {
    case EDDY_VALUE_STRING:
    case EDDY_VALUE_JSON:
      return Bytes(value.as.text, value.count);
    case EDDY_VALUE_I64:
    case EDDY_VALUE_TIMESTAMP:
      buffer = std::to_string(value.as.i64);
      return Bytes(buffer);
    case EDDY_VALUE_U64:
    case EDDY_VALUE_BOOL:
    case EDDY_VALUE_ENUM:
      buffer = std::to_string(value.as.u64);
      return Bytes(buffer);
    default:
      return std::nullopt;
  }
}

}  // namespace eddy::host
