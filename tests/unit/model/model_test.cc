// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

using test::Declarations;
using testing::HasSubstr;

class ModelTest : public testing::Test {
 protected:
  std::string refusal(const eddy_model* declaration) {
    const auto made = Model::compile(declaration);
    if (made.ok()) return "accepted";
    EXPECT_EQ(made.error().code, Code::kRefused);
    return made.error().text;
  }
  std::string difference(const eddy_model* here, const eddy_model* there) {
    return (*Model::compile(here))->difference(**Model::compile(there));
  }

  Declarations d;
  const eddy_type* string_ = d.type(EDDY_TYPE_STRING);
  const eddy_type* i64_ = d.type(EDDY_TYPE_I64);
};

TEST_F(ModelTest, KeepsNamesOrderAndFlags) {
  const auto model = *Model::compile(
      d.model("Movie", {{"Title", string_, EDDY_FIELD_UNIQUE}, {"US Gross", i64_}, {"Id", i64_, EDDY_FIELD_KEY}}));
  EXPECT_EQ(model->name(), "Movie");
  ASSERT_EQ(model->fields().size(), 3u);
  EXPECT_TRUE(model->fields()[0].unique);
  EXPECT_FALSE(model->fields()[0].key);
  EXPECT_EQ(model->key_field(), 2);
  EXPECT_EQ(model->signature(), "Movie{Title:string!,US Gross:i64,Id:i64#}");
}

TEST_F(ModelTest, OwnsCopiesOfItsDeclaration) {
  auto declarations = std::make_unique<Declarations>();
  const auto model = *Model::compile(declarations->model("M", {{"color", declarations->symbols({"red", "green"})}}));
  declarations.reset();
  EXPECT_EQ(model->signature(), "M{color:enum{red,green}}");
}

TEST_F(ModelTest, FindsFieldsWithAndWithoutTheRightHint) {
  std::vector<Declarations::Field> fields;
  for (int i = 0; i < 4096; ++i) fields.push_back({"field " + std::to_string(i), i64_});
  const auto model = *Model::compile(d.model("Wide", fields));
  for (int i = 0; i < 4096; ++i) {
    EXPECT_EQ(model->find("field " + std::to_string(i), static_cast<std::size_t>(i)), i);
    EXPECT_EQ(model->find("field " + std::to_string(i), 7), i);
    EXPECT_EQ(model->find("field " + std::to_string(i), 5000), i);
  }
  EXPECT_EQ(model->find("field"), -1);
  EXPECT_EQ(model->find(""), -1);
}

TEST_F(ModelTest, SignaturesNameEveryType) {
  const auto* point = d.model("Point", {{"x", d.type(EDDY_TYPE_F64)}});
  const auto model = *Model::compile(d.model("All", {{"b", d.type(EDDY_TYPE_BOOL)},
                                                     {"u8", d.type(EDDY_TYPE_U8)},
                                                     {"f", d.type(EDDY_TYPE_F32)},
                                                     {"t", d.type(EDDY_TYPE_TIMESTAMP)},
                                                     {"j", d.type(EDDY_TYPE_JSON)},
                                                     {"o", d.optional(i64_)},
                                                     {"l", d.list(d.optional(string_))},
                                                     {"m", d.map(d.nested(point))}}));
  EXPECT_EQ(model->signature(),
            "All{b:bool,u8:u8,f:f32,t:timestamp,j:json,o:i64?,l:list<string?>,m:map<Point{x:f64}>}");
}

TEST_F(ModelTest, ANameCannotForgeASignature) {
  const auto one = *Model::compile(d.model("M", {{"a:i64,b", i64_}}));
  const auto two = *Model::compile(d.model("M", {{"a", i64_}, {"b", i64_}}));
  EXPECT_NE(one->signature(), two->signature());
}

TEST_F(ModelTest, RefusesWhatHasNoNameOrNoFields) {
  EXPECT_THAT(refusal(nullptr), HasSubstr("null pointer"));
  EXPECT_THAT(refusal(d.model("", {{"a", i64_}})), HasSubstr("no name"));
  EXPECT_THAT(refusal(d.model("M", {})), HasSubstr("model M: has no fields"));
  EXPECT_THAT(refusal(d.model("M", {{"", i64_}})), HasSubstr("model M: field 1 has no name"));
  EXPECT_THAT(refusal(d.model("M\xFF", {{"a", i64_}})), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal(d.model("M", {{"a\xC0", i64_}})), HasSubstr("field 1"));
}

TEST_F(ModelTest, RefusesRepeatedAndTooManyFields) {
  EXPECT_THAT(refusal(d.model("M", {{"a", i64_}, {"b", i64_}, {"a", string_}})),
              HasSubstr("field a is declared twice"));
  std::vector<Declarations::Field> fields;
  for (int i = 0; i < 4097; ++i) fields.push_back({std::to_string(i), i64_});
  EXPECT_THAT(refusal(d.model("M", fields)), HasSubstr("4097 fields, expected at most 4096"));
}

TEST_F(ModelTest, RefusesTypesItDoesNotKnow) {
  EXPECT_THAT(refusal(d.model("M", {{"a", d.type(0)}})), HasSubstr("field a: type kind 0"));
  EXPECT_THAT(refusal(d.model("M", {{"a", d.type(20)}})), HasSubstr("type kind 20 is not known"));
  EXPECT_THAT(refusal(d.model("M", {{"a", nullptr}})), HasSubstr("field a: the type is missing"));
  EXPECT_THAT(refusal(d.model("M", {{"a", d.list(nullptr)}})), HasSubstr("no element type"));
  EXPECT_THAT(refusal(d.model("M", {{"a", d.nested(nullptr)}})), HasSubstr("model is missing"));
  EXPECT_THAT(refusal(d.model("M", {{"a", d.optional(d.optional(i64_))}})), HasSubstr("optional of an optional"));
}

TEST_F(ModelTest, RefusesBadEnums) {
  EXPECT_THAT(refusal(d.model("M", {{"a", d.symbols({})}})), HasSubstr("no symbols"));
  EXPECT_THAT(refusal(d.model("M", {{"a", d.symbols({"x", "y", "x"})}})), HasSubstr("symbol x is declared twice"));
  EXPECT_THAT(refusal(d.model("M", {{"a", d.symbols({"\xFF"})}})), HasSubstr("symbol 1"));
}

TEST_F(ModelTest, RefusesAModelThatContainsItself) {
  auto* inner = d.model("Inner", {{"x", i64_}});
  auto* outer = d.model("Outer", {{"inner", d.nested(inner)}});
  d.fields_of(inner)[0].type = d.list(d.nested(outer));
  EXPECT_THAT(refusal(outer), HasSubstr("model Outer contains itself"));
}

TEST_F(ModelTest, RefusesATypeThatContainsItself) {
  auto* endless = const_cast<eddy_type*>(d.list(nullptr));
  endless->element = endless;
  EXPECT_THAT(refusal(d.model("M", {{"a", endless}})), HasSubstr("deeper than 32"));
}

TEST_F(ModelTest, NestingHasALimitAlsoThroughSharedModels) {
  const eddy_type* type = i64_;
  for (int i = 0; i < 31; ++i) type = d.list(type);
  EXPECT_EQ(refusal(d.model("M", {{"a", type}})), "accepted");
  EXPECT_THAT(refusal(d.model("M", {{"a", d.list(type)}})), HasSubstr("deeper than 32"));

  const eddy_type* half = i64_;
  for (int i = 0; i < 20; ++i) half = d.list(half);
  const auto* shared = d.model("Shared", {{"a", half}});
  const eddy_type* deep = d.nested(shared);
  for (int i = 0; i < 20; ++i) deep = d.list(deep);
  EXPECT_THAT(refusal(d.model("M", {{"flat", d.nested(shared)}, {"deep", deep}})), HasSubstr("deeper than 32"));
}

TEST_F(ModelTest, RefusesModelsThatGrowWithoutBounds) {
  const eddy_model* model = d.model("M0", {{"x", i64_}});
  for (int i = 1; i < 25; ++i) {
    const eddy_type* type = d.nested(model);
    model = d.model("M" + std::to_string(i), {{"a", type}, {"b", type}});
  }
  EXPECT_THAT(refusal(model), HasSubstr("too large"));
}

TEST_F(ModelTest, ReadsFieldsThroughTheirStride) {
  // A plugin of a later minor, whose fields are longer.
  struct LongField {
    eddy_field field;
    std::uint64_t more;
  };
  const LongField fields[] = {{{sizeof(LongField), 0, to_abi("a"), i64_}, 1},
                              {{sizeof(LongField), 0, to_abi("b"), string_}, 2}};
  eddy_model declaration{sizeof(eddy_model), 2, sizeof(LongField), 0, to_abi("Long"), &fields[0].field, nullptr};
  EXPECT_EQ((*Model::compile(&declaration))->signature(), "Long{a:i64,b:string}");
  declaration.field_stride = sizeof(eddy_field);
  EXPECT_THAT(refusal(&declaration), HasSubstr("struct_size"));
  declaration.field_stride = 8;
  EXPECT_THAT(refusal(&declaration), HasSubstr("field_stride is 8"));
}

TEST_F(ModelTest, RefusesStructsTooSmallToHoldWhatIsNeeded) {
  auto* model = d.model("M", {{"a", i64_}});
  model->struct_size = 16;
  EXPECT_THAT(refusal(model), HasSubstr("struct_size is 16"));
  model->struct_size = offsetof(eddy_model, validate);  // validate is not needed
  EXPECT_EQ(refusal(model), "accepted");
  d.fields_of(model)[0].struct_size = 8;
  EXPECT_THAT(refusal(model), HasSubstr("field 1: struct_size is 8"));
}

TEST_F(ModelTest, DifferencesAreSaidInTheOperatorsWords) {
  const auto* f64 = d.type(EDDY_TYPE_F64);
  const auto* here = d.model("M", {{"US Gross", i64_}, {"b", string_}});
  EXPECT_EQ(difference(here, d.model("M", {{"US Gross", i64_}, {"b", string_}})), "");
  EXPECT_EQ(difference(here, d.model("N", {{"US Gross", i64_}, {"b", string_}})), "the model is M here and N there");
  EXPECT_EQ(difference(here, d.model("M", {{"US Gross", f64}, {"b", string_}})),
            "field /US Gross is i64 here and f64 there");
  EXPECT_EQ(difference(here, d.model("M", {{"b", string_}})), "field /US Gross is missing there");
  EXPECT_EQ(difference(here, d.model("M", {{"US Gross", i64_}, {"b", string_}, {"c/d", i64_}})),
            "field /c~1d is missing here");
  EXPECT_EQ(difference(here, d.model("M", {{"b", string_}, {"US Gross", i64_}})),
            "field /b is in place 2 here and 1 there");
  EXPECT_EQ(difference(here, d.model("M", {{"US Gross", i64_, EDDY_FIELD_KEY}, {"b", string_}})),
            "field /US Gross is a key there and not here");
  EXPECT_EQ(difference(here, d.model("M", {{"US Gross", i64_}, {"b", string_, EDDY_FIELD_UNIQUE}})),
            "field /b is unique there and not here");
}

TEST_F(ModelTest, DifferencesReachIntoNestedModels) {
  const auto* here = d.model("M", {{"p", d.list(d.nested(d.model("P", {{"x", i64_}})))}});
  const auto* there = d.model("M", {{"p", d.list(d.nested(d.model("P", {{"x", string_}})))}});
  EXPECT_EQ(difference(here, there), "field /p/x is i64 here and string there");
  EXPECT_EQ(difference(here, d.model("M", {{"p", i64_}})), "field /p is list<P{x:i64}> here and i64 there");
}

}  // namespace
}  // namespace eddy::host
