// SPDX-License-Identifier: Apache-2.0
#include "model/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <random>

#include "model/decoder.h"
#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

using test::Declarations;
using testing::HasSubstr;

eddy_value text_value(std::uint32_t kind, std::string_view text) {
  eddy_value value{kind, static_cast<std::uint32_t>(text.size()), {}};
  value.as.text = text.data();
  return value;
}
eddy_value integer(std::int64_t i64) {
  eddy_value value{EDDY_VALUE_I64, 0, {}};
  value.as.i64 = i64;
  return value;
}
eddy_value number(double f64) {
  eddy_value value{EDDY_VALUE_F64, 0, {}};
  value.as.f64 = f64;
  return value;
}
eddy_value unsigned_value(std::uint32_t kind, std::uint64_t u64) {
  eddy_value value{kind, 0, {}};
  value.as.u64 = u64;
  return value;
}
eddy_value values(std::uint32_t kind, std::uint32_t count, const eddy_value* array) {
  eddy_value value{kind, count, {}};
  value.as.values = array;
  return value;
}

class EncoderTest : public testing::Test {
 protected:
  // What stands after {"v": for a value of this type, or the refusal.
  std::string encoded(const eddy_type* type, const eddy_value& value) {
    const auto model = test::model_of(d, type);
    std::string out = "kept";
    const auto result = encode(*model, &value, out);
    if (result.ok()) return out.substr(9, out.size() - 10);
    EXPECT_EQ(out, "kept");
    EXPECT_EQ(result.error().code, Code::kRefused);
    return result.error().text;
  }
  std::string encoded(std::uint32_t kind, const eddy_value& value) { return encoded(d.type(kind), value); }

  Declarations d;
};

TEST_F(EncoderTest, AppendsOneObjectInTheModelsOrder) {
  const auto model = *Model::compile(d.model("M", {{"a \"b\"", d.type(EDDY_TYPE_I64)},
                                                   {"s", d.type(EDDY_TYPE_STRING)},
                                                   {"none", d.optional(d.type(EDDY_TYPE_BOOL))}}));
  const eddy_value row[] = {integer(1), text_value(EDDY_VALUE_STRING, "x"), {EDDY_VALUE_ABSENT, 0, {}}};
  std::string out = "before ";
  ASSERT_TRUE(encode(*model, row, out).ok());
  EXPECT_EQ(out, R"(before {"a \"b\"":1,"s":"x","none":null})");
}

TEST_F(EncoderTest, IntegersAreExact) {
  EXPECT_EQ(encoded(EDDY_TYPE_I64, integer(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(encoded(EDDY_TYPE_I64, integer(INT64_MAX)), "9223372036854775807");
  EXPECT_EQ(encoded(EDDY_TYPE_U64, unsigned_value(EDDY_VALUE_U64, UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(encoded(EDDY_TYPE_I8, integer(-128)), "-128");
  EXPECT_EQ(encoded(EDDY_TYPE_I8, integer(128)), "model M: /v: expected -128 to 127, found 128");
  EXPECT_EQ(encoded(EDDY_TYPE_U16, unsigned_value(EDDY_VALUE_U64, 65536)),
            "model M: /v: expected 0 to 65535, found 65536");
}

TEST_F(EncoderTest, DoublesAreShortestAndStayFloating) {
  const std::pair<double, const char*> cases[] = {{1.0, "1.0"},
                                                  {-0.0, "-0.0"},
                                                  {0.0, "0.0"},
                                                  {0.1, "0.1"},
                                                  {-12.5, "-12.5"},
                                                  {6.1, "6.1"},
                                                  {1.05, "1.05"},
                                                  {0.30000000000000004, "0.30000000000000004"},
                                                  {123456789.125, "123456789.125"},
                                                  {5e-324, "5e-324"},
                                                  {1.7976931348623157e308, "1.7976931348623157e+308"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(encoded(EDDY_TYPE_F64, number(value)), text);
  EXPECT_EQ(encoded(EDDY_TYPE_F32, number(0.1f)), "0.1");
  EXPECT_EQ(encoded(EDDY_TYPE_F32, number(3.0)), "3.0");
  EXPECT_THAT(encoded(EDDY_TYPE_F64, number(NAN)), HasSubstr("/v: expected a finite number"));
  EXPECT_THAT(encoded(EDDY_TYPE_F64, number(INFINITY)), HasSubstr("found inf"));
  EXPECT_THAT(encoded(EDDY_TYPE_F32, number(1e39)), HasSubstr("finite"));
}

TEST_F(EncoderTest, DecimalsOfFewPlacesAreTheShortestText) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 50'000; ++i) {
    const double scale = std::pow(10, static_cast<double>(random() % 5));
    const double value = static_cast<double>(random() % (std::uint64_t{1} << (random() % 54))) / scale;
    char shortest[64];
    const auto size =
        std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::fixed).ptr - shortest;
    std::string expected(shortest, static_cast<std::size_t>(size));
    const std::string text = encoded(EDDY_TYPE_F64, number(value));
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    if (expected.find('.') == std::string::npos) expected += ".0";
    if (text.find('e') == std::string::npos) {
      EXPECT_EQ(text, expected);
    }
  }
}

TEST_F(EncoderTest, StringsAreEscapedAndMustBeUtf8) {
  EXPECT_EQ(encoded(EDDY_TYPE_STRING, text_value(EDDY_VALUE_STRING, "")), R"("")");
  EXPECT_EQ(encoded(EDDY_TYPE_STRING, text_value(EDDY_VALUE_STRING, {"a\0b\x1F\x7F", 5})), "\"a\\u0000b\\u001f\x7F\"");
  EXPECT_EQ(encoded(EDDY_TYPE_STRING, text_value(EDDY_VALUE_STRING, "\"\\/\b\f\n\r\t")), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(encoded(EDDY_TYPE_STRING, text_value(EDDY_VALUE_STRING, "sixteen letters \xC3\xA9")),
            "\"sixteen letters \xC3\xA9\"");
  EXPECT_EQ(encoded(EDDY_TYPE_STRING, text_value(EDDY_VALUE_STRING, "\xC3")),
            "model M: /v: expected a string in UTF-8, found other bytes");
  EXPECT_EQ(encoded(EDDY_TYPE_STRING, {EDDY_VALUE_STRING, 0, {}}), R"("")");
  EXPECT_THAT(encoded(EDDY_TYPE_STRING, {EDDY_VALUE_STRING, 3, {}}), HasSubstr("null pointer"));
}

TEST_F(EncoderTest, EveryByteAtEveryPlaceIsEscapedAsItShould) {
  const std::string plain(19, 'a');
  for (std::size_t place = 0; place < plain.size(); ++place) {
    for (int byte = 0; byte < 0x80; ++byte) {
      std::string text = plain;
      text[place] = static_cast<char>(byte);
      const auto model = test::model_of(d, d.type(EDDY_TYPE_STRING));
      const eddy_value row = text_value(EDDY_VALUE_STRING, text);
      std::string out;
      ASSERT_TRUE(encode(*model, &row, out).ok());
      Decoder decoder;
      ModelError error;
      const auto* back = decoder.decode_unpadded(*model, out, error);
      ASSERT_NE(back, nullptr) << out;
      EXPECT_EQ(std::string_view(back[0].as.text, back[0].count), text);
    }
  }
}

TEST_F(EncoderTest, OtherScalars) {
  EXPECT_EQ(encoded(EDDY_TYPE_BOOL, unsigned_value(EDDY_VALUE_BOOL, 1)), "true");
  EXPECT_EQ(encoded(EDDY_TYPE_BOOL, unsigned_value(EDDY_VALUE_BOOL, 0)), "false");
  EXPECT_THAT(encoded(EDDY_TYPE_BOOL, unsigned_value(EDDY_VALUE_BOOL, 2)), HasSubstr("expected 0 or 1, found 2"));
  EXPECT_EQ(encoded(d.symbols({"red", "gr\"een"}), unsigned_value(EDDY_VALUE_ENUM, 1)), R"("gr\"een")");
  EXPECT_THAT(encoded(d.symbols({"red"}), unsigned_value(EDDY_VALUE_ENUM, 1)), HasSubstr("below 1, found 1"));
  eddy_value time = integer(1);
  time.kind = EDDY_VALUE_TIMESTAMP;
  EXPECT_EQ(encoded(EDDY_TYPE_TIMESTAMP, time), R"("1970-01-01T00:00:00.000001Z")");
  time.as.i64 = INT64_MAX;
  EXPECT_THAT(encoded(EDDY_TYPE_TIMESTAMP, time), HasSubstr("years 0000 to 9999"));
}

TEST_F(EncoderTest, JsonIsSplicedAsItIsAndMustBeJson) {
  EXPECT_EQ(encoded(EDDY_TYPE_JSON, text_value(EDDY_VALUE_JSON, "[1e999, {} ]")), "[1e999, {} ]");
  EXPECT_EQ(encoded(EDDY_TYPE_JSON, text_value(EDDY_VALUE_JSON, "null")), "null");
  for (const char* bad : {"", "nul", "1,\"w\":2", "\"\xFF\"", "{", "1 2"}) {
    EXPECT_THAT(encoded(EDDY_TYPE_JSON, text_value(EDDY_VALUE_JSON, bad)), HasSubstr("/v: expected JSON text, found "))
        << bad;
  }
  EXPECT_THAT(encoded(EDDY_TYPE_JSON, {EDDY_VALUE_JSON, 0, {}}), HasSubstr("null pointer"));
}

TEST_F(EncoderTest, NestedValuesAndTheirPointers) {
  const auto* point = d.model("Point", {{"x", d.type(EDDY_TYPE_I8)}});
  const auto* type = d.map(d.list(d.nested(point)));
  const eddy_value good = integer(1);
  const eddy_value bad = integer(1000);
  eddy_value rows[] = {values(EDDY_VALUE_ROW, 1, &good), values(EDDY_VALUE_ROW, 1, &good)};
  const eddy_value entry[] = {text_value(EDDY_VALUE_STRING, "k/"), values(EDDY_VALUE_LIST, 2, rows)};
  const eddy_value map = values(EDDY_VALUE_MAP, 1, entry);
  EXPECT_EQ(encoded(type, map), R"({"k/":[{"x":1},{"x":1}]})");
  rows[1] = values(EDDY_VALUE_ROW, 1, &bad);
  EXPECT_EQ(encoded(type, map), "model M: /v/k~1/1/x: expected -128 to 127, found 1000");
  rows[1] = values(EDDY_VALUE_ROW, 2, &bad);
  EXPECT_EQ(encoded(type, map), "model M: /v/k~1/1: expected a row of 1 values, found 2");
  EXPECT_EQ(encoded(type, values(EDDY_VALUE_MAP, 0, nullptr)), "{}");
  EXPECT_THAT(encoded(type, values(EDDY_VALUE_MAP, 1, nullptr)), HasSubstr("null pointer"));
  EXPECT_EQ(encoded(d.list(d.type(EDDY_TYPE_I8)), values(EDDY_VALUE_LIST, 0, nullptr)), "[]");
}

TEST_F(EncoderTest, WrongKindsAreRefused) {
  EXPECT_EQ(encoded(EDDY_TYPE_I64, number(1)),
            "model M: /v: expected a 64-bit integer (value kind 2), found value kind 4");
  EXPECT_THAT(encoded(EDDY_TYPE_I64, {EDDY_VALUE_ABSENT, 0, {}}), HasSubstr("found value kind 0"));
  EXPECT_THAT(encoded(EDDY_TYPE_STRING, {99, 0, {}}), HasSubstr("found value kind 99"));
  const auto model = test::model_of(d, d.type(EDDY_TYPE_I64));
  std::string out;
  EXPECT_THAT(encode(*model, nullptr, out).error().text, HasSubstr("null pointer"));
}

}  // namespace
}  // namespace eddy::host
