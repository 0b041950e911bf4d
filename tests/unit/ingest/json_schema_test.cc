// SPDX-License-Identifier: Apache-2.0
#include "ingest/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/decoder.h"
#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

using Json = nlohmann::json;

std::shared_ptr<const Model> compile(const eddy_model* declaration) {
  auto model = Model::compile(declaration);
  EXPECT_TRUE(model) << model.error().text;
  return *model;
}

// Every kind of type.
std::shared_ptr<const Model> everything() {
  test::Declarations d;
  std::vector<test::Declarations::Field> fields;
  for (std::uint32_t kind = EDDY_TYPE_BOOL; kind <= EDDY_TYPE_TIMESTAMP; ++kind) {
    fields.push_back({"f" + std::to_string(kind), d.type(kind)});
  }
  const eddy_type* point =
      d.nested(d.model("geo::Point", {{"x", d.type(EDDY_TYPE_F64)}, {"y", d.type(EDDY_TYPE_F64)}}));
  fields.push_back({"color", d.symbols({"red", "green"})});
  fields.push_back({"place \"here\"", point});
  fields.push_back({"any", d.type(EDDY_TYPE_JSON)});
  fields.push_back({"maybe", d.optional(d.type(EDDY_TYPE_STRING))});
  fields.push_back({"path", d.list(point)});
  fields.push_back({"by_name", d.map(d.list(d.optional(d.type(EDDY_TYPE_U8))))});
  return compile(d.model("Everything", fields));
}

TEST(JsonSchema, DescribesEveryKindOfType) {
  const Json schema = Json::parse(json_schema(*everything()));
  EXPECT_EQ(schema["$ref"], "#/$defs/Everything");
  const Json& all = schema["$defs"]["Everything"];
  EXPECT_EQ(all["type"], "object");
  EXPECT_FALSE(all.contains("additionalProperties")) << "unknown fields are ignored, not refused";
  const Json& of = all["properties"];
  EXPECT_EQ(of["f1"], Json::parse(R"({"type":"boolean"})"));
  EXPECT_EQ(of["f2"], Json::parse(R"({"type":"integer","format":"int8","minimum":-128,"maximum":127})"));
  EXPECT_EQ(of["f9"],
            Json::parse(R"({"type":"integer","format":"uint64","minimum":0,"maximum":18446744073709551615})"));
  EXPECT_EQ(of["f11"], Json::parse(R"({"type":"number","format":"double"})"));
  EXPECT_EQ(of["f12"], Json::parse(R"({"type":"string"})"));
  EXPECT_EQ(of["f13"]["anyOf"], Json::parse(R"([{"type":"string","format":"date-time"},{"type":"number"}])"));
  EXPECT_EQ(of["color"], Json::parse(R"({"type":"string","enum":["red","green"]})"));
  EXPECT_EQ(of["place \"here\""], Json::parse(R"({"$ref":"#/$defs/geo__Point"})"));
  EXPECT_FALSE(of["any"].contains("type"));
  EXPECT_EQ(of["maybe"], Json::parse(R"({"anyOf":[{"type":"string"},{"type":"null"}]})"));
  EXPECT_EQ(of["path"], Json::parse(R"({"type":"array","items":{"$ref":"#/$defs/geo__Point"}})"));
  EXPECT_EQ(of["by_name"]["additionalProperties"]["items"]["anyOf"][1], Json::parse(R"({"type":"null"})"));
  EXPECT_EQ(schema["$defs"]["geo__Point"]["title"], "geo::Point");
}

TEST(JsonSchema, AllButOptionalFieldsAreRequired) {
  const Json schema = Json::parse(json_schema(*everything()));
  const auto required = schema["$defs"]["Everything"]["required"].get<std::vector<std::string>>();
  EXPECT_EQ(required.size(), everything()->fields().size() - 1);
  EXPECT_THAT(required, testing::Not(testing::Contains("maybe")));
}

TEST(JsonSchema, EqualModelsAreOneAndOthersOfTheSameNameAreNot) {
  test::Declarations d;
  const auto one = compile(d.model("Movie", {{"title", d.type(EDDY_TYPE_STRING)}}));
  const auto same = compile(d.model("Movie", {{"title", d.type(EDDY_TYPE_STRING)}}));
  const auto other = compile(d.model("Movie", {{"title", d.type(EDDY_TYPE_I64)}}));
  SchemaSet set("#/x/");
  set.add("Movie_3", nullptr);
  EXPECT_EQ(set.ref(*one)["$ref"], "#/x/Movie");
  EXPECT_EQ(set.ref(*same)["$ref"], "#/x/Movie");
  EXPECT_EQ(set.ref(*other)["$ref"], "#/x/Movie_2");
  const auto third = compile(d.model("Movie", {{"title", d.type(EDDY_TYPE_BOOL)}}));
  EXPECT_EQ(set.ref(*third)["$ref"], "#/x/Movie_4");
  EXPECT_EQ(set.take().size(), 4u);
}

TEST(JsonSchema, TheExampleDecodes) {
  const auto model = everything();
  const std::string example = example_of(*model);
  Decoder decoder;
  ModelError error;
  EXPECT_NE(decoder.decode_unpadded(*model, example, error), nullptr) << error.message() << "\n" << example;
  EXPECT_EQ(Json::parse(example).size(), model->fields().size()) << "optional fields have a value in it";
}

}  // namespace
}  // namespace eddy::host
