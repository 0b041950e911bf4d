// SPDX-License-Identifier: Apache-2.0
#include "runtime/record_json.h"

#include <string>

#include "base/encoding.h"

namespace eddy::host {

namespace {
using Json = nlohmann::ordered_json;
}

Json record_json(const Record& record) {
  Json headers = Json::array();
  for (const Header& header : record.headers) {
    headers.push_back({{"name", json_of(header.name)}, {"value", json_of(header.value)}});
  }
  return {
      {"partition", record.partition}, {"offset", record.offset},       {"timestamp", to_rfc3339(record.timestamp_us)},
      {"key", json_of(record.key)},    {"headers", std::move(headers)}, {"value", json_of(record.value)}};
}

Json masked_record_json(const Record& record, const Mask& mask, bool is_letter) {
  Record shown = record;
  shown.headers = {};
  if (is_letter) {
    shown.key = {};
    shown.value = {};
    return record_json(shown);
  }
  const auto text = [&](const Bytes& bytes) {
    return bytes.null() ? Json() : json_of(Bytes(mask.text(bytes.view(), record.value)));
  };
  Json json = record_json(shown);
  json["key"] = text(record.key);
  for (const Header& header : record.headers) {
    json["headers"].push_back({{"name", json_of(header.name)}, {"value", text(header.value)}});
  }
  json["value"] = record.value.null() ? Json() : Json(mask.original(record.value));
  return json;
}

Json ShownRecords::json(const Record& record) const {
  Json shown = mask.hides() ? masked_record_json(record, mask, letters) : record_json(record);
  shown["masked"] = mask.hides();
  return shown;
}

}  // namespace eddy::host
