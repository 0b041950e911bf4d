// SPDX-License-Identifier: Apache-2.0
#include "triage/bytes_json.h"

#include "base/encoding.h"

namespace eddy::host {

nlohmann::ordered_json json_of(const Bytes& bytes) {
  if (bytes.null()) return nullptr;
  if (is_utf8(bytes.view())) return std::string(bytes.view());
  return {{"base64", to_base64(bytes.view())}};
}

}  // namespace eddy::host
