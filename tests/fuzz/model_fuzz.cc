// SPDX-License-Identifier: Apache-2.0
// JSON text to rows and back: what is JSON is JSON to another library too; the fast walk agrees with the careful one; a
// row's text reads back as the same row; and its values are those that the other library reads.
#include <cmath>

#include "fuzz.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/row_decoder.h"
#include "models.h"
#include "reference.h"

namespace eddy::fuzz {
namespace {

using namespace host;

constexpr unsigned kMostJsonLevels = 1024;

std::string encoded(const Model& model, const eddy_value* row) {
  std::string text;
  const auto done = encode(model, row, text);
  require(done.ok(), "a row that was decoded can be encoded");
  return text;
}

void check_is_json(Decoder& decoder, std::string_view text) {
  const bool ours = decoder.is_json(text);
  const Verdict theirs = verdict_on(text);
  if (theirs == Verdict::kUnknown) return;
  const bool deep = theirs == Verdict::kJson && levels_of(Json::parse(text)) > kMostJsonLevels;
  require(ours == (theirs == Verdict::kJson && !deep), "is_json() agrees with nlohmann");
}

// The order of a map's entries is nobody's promise.
bool same_json(const std::string& a, const std::string& b) {
  return a == b || verdict_on(a) == Verdict::kUnknown || Json::parse(a) == Json::parse(b);
}

// The walks alone, over the same index.
void check_walks(const Model& model, std::string_view text, const eddy_value* row) {
  JsonText json;
  if (!json.open(text)) return require(row == nullptr, "a text without an index has no row");
  RowMemory fast, careful;
  ModelError error;
  const eddy_value* const quick = decode_fast(model, json.walk(), fast);
  if (!json.check(kMaxDecodeLevels)) return require(quick == nullptr && row == nullptr, "only JSON has a row");
  const eddy_value* const sure = decode_careful(model, json.walk(), careful, error);
  require((sure != nullptr) == (row != nullptr), "the careful walk decides");
  if (quick != nullptr) require(sure != nullptr, "the fast walk takes nothing that the careful one refuses");
  if (sure == nullptr) return require(!error.parse && !error.expected.empty(), "the careful walk says why");
  const std::string wanted = encoded(model, row);
  require(same_json(encoded(model, sure), wanted), "the careful row is the row");
  if (quick != nullptr) require(same_json(encoded(model, quick), wanted), "the fast row is the row");
}

bool same_value(const ModelType& type, const Json& ours, const Json& theirs);

bool same_object(const ModelType& type, const Json& ours, const Json& theirs) {
  if (type.kind == EDDY_TYPE_MAP) {
    if (ours.size() != theirs.size()) return false;
    for (const auto& [name, value] : theirs.items()) {
      if (!ours.contains(name) || !same_value(*type.element, ours[name], value)) return false;
    }
    return true;
  }
  for (const ModelField& field : type.model->fields()) {
    if (!ours.contains(field.name)) return false;
    const Json& value = theirs.contains(field.name) ? theirs[field.name] : Json();
    if (!same_value(field.type, ours[field.name], value)) return false;
  }
  return true;
}

bool same_value(const ModelType& type, const Json& ours, const Json& theirs) {
  switch (type.kind) {
    case EDDY_TYPE_OPTIONAL:
      return theirs.is_null() ? ours.is_null() : same_value(*type.element, ours, theirs);
    case EDDY_TYPE_TIMESTAMP:
      return ours.is_string();
    case EDDY_TYPE_F32:
      return ours.get<float>() == theirs.get<float>();
    case EDDY_TYPE_F64:
      return ours.get<double>() == theirs.get<double>();
    case EDDY_TYPE_LIST:
      if (ours.size() != theirs.size()) return false;
      for (std::size_t i = 0; i < ours.size(); ++i) {
        if (!same_value(*type.element, ours[i], theirs[i])) return false;
      }
      return true;
    case EDDY_TYPE_MAP:
    case EDDY_TYPE_MODEL:
      return same_object(type, ours, theirs);
    default:
      return ours == theirs;
  }
}

void check_values(const std::shared_ptr<const Model>& model, std::string_view text, const std::string& row) {
  if (verdict_on(text) != Verdict::kJson) return;  // a number beyond a double, in an unknown field
  ModelType type;
  type.kind = EDDY_TYPE_MODEL;
  type.model = model;
  require(same_object(type, Json::parse(row), Json::parse(text)), "the row has the values of the text");
}

void check_row(const std::shared_ptr<const Model>& model, Decoder& decoder, std::string_view text) {
  ModelError error;
  decoder.reset();
  const eddy_value* const row = decoder.decode(*model, text, error);
  check_walks(*model, text, row);
  if (row == nullptr) return require(!error.message().empty(), "a refusal says why");
  const std::string once = encoded(*model, row);
  check_values(model, text, once);
  const Padded again(once);
  decoder.reset();
  const eddy_value* const second = decoder.decode(*model, again.view(), error);
  require(second != nullptr, "what was encoded can be decoded");
  require(encoded(*model, second) == once, "and is the same row");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eddy;
  static host::Decoder decoder;
  const fuzz::Padded text({reinterpret_cast<const char*>(data), size});
  fuzz::check_is_json(decoder, text.view());
  fuzz::check_row(fuzz::rich_model(), decoder, text.view());
  fuzz::check_row(fuzz::small_model(), decoder, text.view());
  return 0;
}
