// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest_json.h"

#include <nlohmann/json.hpp>

#include "plugin/registrar.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using nlohmann::json;
using testing::HasSubstr;

eddy_str text(const char* from) { return {from, std::char_traits<char>::length(from)}; }

eddy_type type_of(std::uint32_t kind, const eddy_type* element = nullptr, const eddy_model* model = nullptr) {
  eddy_type type{};
  type.struct_size = sizeof type;
  type.kind = kind;
  type.element = element;
  type.model = model;
  return type;
}

eddy_field field_of(const char* name, const eddy_type& type, std::uint32_t flags = 0) {
  return {sizeof(eddy_field), flags, text(name), &type};
}

eddy_model model_of(const char* name, const std::vector<eddy_field>& fields) {
  eddy_model model{};
  model.struct_size = sizeof model;
  model.field_count = static_cast<std::uint32_t>(fields.size());
  model.field_stride = sizeof(eddy_field);
  model.name = text(name);
  model.fields = fields.data();
  return model;
}

std::uint32_t check(const eddy_value*, eddy_call*) { return EDDY_OK; }

// A manifest with every kind of declaration and of type.
class ManifestJson : public testing::Test {
 protected:
  ManifestJson() {
    order_.validate = check;
    eddy_stream_decl stream{};
    stream.struct_size = sizeof stream;
    stream.name = text("orders");
    stream.model = &order_;
    stream.partitions = 3;
    stream.retention_days = 7;
    stream.dead_letter_queue = text("letters");
    stream.destination = text("rows");
    Registrar::table().stream(registrar_.handle(), &stream);
    eddy_queue_decl queue{sizeof queue, 9, text("letters"), &point_};
    Registrar::table().queue(registrar_.handle(), &queue);
    eddy_table_decl table{sizeof table, 0, text("rows"), &order_};
    Registrar::table().table(registrar_.handle(), &table);
    eddy_ingest_api_decl api{sizeof api, 0, text("in"), text("v1"), &order_, text("orders"), text("letters")};
    Registrar::table().ingest_api(registrar_.handle(), &api);
    api.model = &point_;
    api.name = text("points");
    Registrar::table().ingest_api(registrar_.handle(), &api);
    eddy_function_decl function{};
    function.struct_size = sizeof function;
    function.kind = EDDY_FUNCTION_TRANSFORM;
    function.input = EDDY_INPUT_ROW;
    function.concurrency = 4;
    function.name = text("price");
    function.source = text("orders");
    function.destination = text("points");
    function.input_model = &order_;
    function.output_model = &point_;
    function.process = reinterpret_cast<decltype(function.process)>(std::uintptr_t{100});
    Registrar::table().function(registrar_.handle(), &function);
    function.name = text("counts");
    Registrar::table().function(registrar_.handle(), &function);
    manifest().functions.back().state = {sizeof(eddy_state), 5, [](auto...) -> std::uint32_t { return EDDY_OK; },
                                         [](auto...) -> std::uint32_t { return EDDY_OK; }};
  }

  Manifest& manifest() { return registrar_.manifest(); }
  Result<Manifest> copy() { return manifest_from_json(to_json(manifest())); }

  const eddy_type i64_ = type_of(EDDY_TYPE_I64);
  const eddy_type string_ = type_of(EDDY_TYPE_STRING);
  const std::vector<eddy_str> colours_{text("red"), text("gr\xC3\xBCn")};
  const eddy_type colour_{sizeof colour_, EDDY_TYPE_ENUM, nullptr, nullptr, colours_.data(), 2};
  const std::vector<eddy_field> point_fields_{field_of("x", i64_, EDDY_FIELD_KEY), field_of("a \"name\"", string_)};
  const eddy_model point_ = model_of("Point", point_fields_);
  const eddy_type point_type_ = type_of(EDDY_TYPE_MODEL, nullptr, &point_);
  const eddy_type points_ = type_of(EDDY_TYPE_LIST, &point_type_);
  const eddy_type by_name_ = type_of(EDDY_TYPE_MAP, &points_);
  const eddy_type maybe_ = type_of(EDDY_TYPE_OPTIONAL, &by_name_);
  const std::vector<eddy_field> order_fields_{field_of("id", i64_, EDDY_FIELD_UNIQUE), field_of("colour", colour_),
                                              field_of("where", maybe_), field_of("one", point_type_)};
  eddy_model order_ = model_of("Order", order_fields_);
  Registrar registrar_{CodeRange{.begin = 100, .end = 101}};
};

TEST_F(ManifestJson, KeepsEveryDeclaration) {
  ASSERT_THAT(registrar_.problems(), testing::IsEmpty());
  const Result<Manifest> copied = copy();
  ASSERT_TRUE(copied) << copied.error().text;
  EXPECT_EQ(to_json(*copied), to_json(manifest()));
  const StreamDecl& stream = copied->streams.at(0);
  EXPECT_EQ(stream.name, "orders");
  EXPECT_EQ(stream.partitions, 3U);
  EXPECT_EQ(stream.retention_days, 7U);
  EXPECT_EQ(stream.dead_letter_queue, "letters");
  EXPECT_EQ(stream.destination, "rows");
  EXPECT_EQ(stream.model->signature(), manifest().streams[0].model->signature());
  EXPECT_EQ(copied->queues.at(0).retention_days, 9U);
  EXPECT_EQ(copied->tables.at(0).model->signature(), stream.model->signature());
  EXPECT_EQ(copied->ingest_apis.at(0).version, "v1");
  const FunctionDecl& function = copied->functions.at(0);
  EXPECT_EQ(function.concurrency, 4U);
  EXPECT_EQ(function.destination, "points");
  EXPECT_EQ(function.input_model->difference(*manifest().functions[0].input_model), "");
  EXPECT_EQ(function.output_model->name(), "Point");
}

TEST_F(ManifestJson, HasNoCode) {
  const Result<Manifest> copied = copy();
  ASSERT_TRUE(copied);
  EXPECT_EQ(copied->functions.at(0).code.process, nullptr);
  EXPECT_TRUE(copied->models.empty());
}

TEST_F(ManifestJson, TellsThatAFunctionHandsItsStateOver) {
  const Result<Manifest> copied = copy();
  ASSERT_TRUE(copied);
  EXPECT_EQ(copied->functions.at(0).state.save, nullptr);
  EXPECT_NE(copied->functions.at(1).state.save, nullptr);
  EXPECT_NE(copied->functions.at(1).state.load, nullptr);
  EXPECT_NE(copied->functions.at(1).state.save, manifest().functions[1].state.save);
  EXPECT_EQ(copied->functions.at(1).state.version, 5U);
}

TEST_F(ManifestJson, TellsWhichApiHasChecksOfItsOwn) {
  const Result<Manifest> copied = copy();
  ASSERT_TRUE(copied);
  EXPECT_TRUE(copied->ingest_apis.at(0).validates);
  EXPECT_FALSE(copied->ingest_apis.at(1).validates);
}

// Whatever a child puts in the place of any member, the checks of declarations see it.
TEST_F(ManifestJson, NothingInItIsBelieved) {
  const json good = to_json(manifest());
  const std::vector<json> wrong{json(),     json(-1),       json(1e300),   json(4'000'000'000),
                                json(""),   json("a/b c"),  json::array(), json::array({7, "x", nullptr}),
                                json(true), json::object(), json("\xFF"),  json(std::string(100'000, 'x'))};
  const json flat = good.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    for (const json& instead : wrong) {
      json damaged = good;
      damaged[json::json_pointer(pointer)] = instead;
      const Result<Manifest> copied = manifest_from_json(damaged);
      EXPECT_TRUE(copied || copied.error().code == Code::kBadData) << pointer << " " << instead.type_name();
    }
  }
  for (const json& instead : wrong) (void)manifest_from_json(instead).ok();
}

TEST_F(ManifestJson, RefusesWhatADeclarationMayNotSay) {
  json damaged = to_json(manifest());
  damaged["streams"][0]["name"] = "a/b";
  EXPECT_THAT(manifest_from_json(damaged).error().text, HasSubstr("stream: name: expected 1 to 200 letters"));
  damaged = to_json(manifest());
  damaged["functions"][0]["kind"] = 9;
  EXPECT_THAT(manifest_from_json(damaged).error().text, HasSubstr("kind: expected transform"));
  damaged = to_json(manifest());
  damaged["models"][1]["fields"][3]["type"]["model"] = 1;  // itself
  EXPECT_FALSE(manifest_from_json(damaged).ok());
  damaged = to_json(manifest());
  json* type = &damaged["models"][0]["fields"][0]["type"];
  for (int i = 0; i < 10'000; ++i) type = &((*type = json{{"kind", EDDY_TYPE_LIST}})["element"] = json::object());
  EXPECT_FALSE(manifest_from_json(damaged).ok());
}

}  // namespace
}  // namespace eddy::host
