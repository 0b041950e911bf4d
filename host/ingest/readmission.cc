// SPDX-License-Identifier: Apache-2.0
#include "ingest/readmission.h"

#include <algorithm>

#include "ingest/body.h"
#include "model/record_key.h"

namespace eddy::host {
namespace {

class Readmitting {
 public:
  Readmitting(const IngestRoute& route, std::size_t room) : route_(route), room_(room) {}

  Result<Readmission> run(std::string_view body) {
    Readmission result;
    if (!reader_.open(body, BodyFormat::kDocument)) return refused(reader_.fault(*route_.model).type());
    if (reader_.size() == 0) return refused("ValidationError");  // an empty array is no record
    for (std::size_t i = 0; i < reader_.size(); ++i) {
      EDDY_ASSIGN(const std::string refusal, take(i, result));
      if (!refusal.empty()) return refused(refusal);
    }
    return result;
  }

 private:
  static Readmission refused(std::string_view type) { return {{}, std::string(type)}; }

  Result<std::string> take(std::size_t i, Readmission& into) {
    ModelError error;
    const eddy_value* const row = reader_.decode(*route_.model, i, error);
    if (row == nullptr) return std::string(error.type());
    std::string memory;
    const auto key = record_key(*route_.model, row, memory);
    if (route_.check) {
      EDDY_ASSIGN(const auto refusal, route_.check(row));
      if (refusal) return refusal->error_type;
    }
    const std::string_view text = reader_.text(i);
    if (text.size() + (key ? key->size() : 0) > room_) return std::string("RecordTooLarge");
    into.elements.push_back(
        {key && !key->null() ? std::optional(std::string(key->view())) : std::nullopt, std::string(text)});
    return std::string();
  }

  const IngestRoute& route_;
  const std::size_t room_;
  BodyReader reader_;
};

}  // namespace

Result<Readmission> readmit(const IngestRoute& route, Bytes original, std::size_t header_bytes,
                            std::size_t max_record_bytes) {
  const std::size_t room = max_record_bytes - std::min(max_record_bytes, header_bytes);
  if (original.null()) return Readmission{{}, "ParseError"};
  return Readmitting(route, room).run(original.view());
}

}  // namespace eddy::host
