// SPDX-License-Identifier: Apache-2.0
#include "model/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

using test::Declarations;
using testing::HasSubstr;
using testing::StartsWith;

std::string_view text_of(const eddy_value& value) { return {value.as.text, value.count}; }

class DecoderTest : public testing::Test {
 protected:
  const eddy_value* decode(const Model& of, std::string_view json) {
    error = {};
    return decoder.decode_unpadded(of, json, error);
  }
  // Decodes {"v":<json>} for a model whose only field has this type.
  const eddy_value* value(const eddy_type* type, const std::string& json) {
    model = test::model_of(d, type);
    return decode(*model, "{\"v\":" + json + "}");
  }
  std::string refusal(const eddy_type* type, const std::string& json) {
    if (value(type, json) != nullptr) return "accepted";
    EXPECT_FALSE(error.parse) << error.message();
    return error.message();
  }
  std::string parse_error(std::string_view json) {
    const auto any = test::model_of(d, d.optional(d.type(EDDY_TYPE_JSON)));
    if (decode(*any, json) != nullptr) return "accepted";
    EXPECT_EQ(error.type(), "ParseError") << error.message();
    EXPECT_FALSE(decoder.is_json(std::string(json) + std::string(64, '\0')));
    return error.message();
  }

  Declarations d;
  Decoder decoder;
  ModelError error;
  std::shared_ptr<const Model> model;
  const eddy_type* i64_ = d.type(EDDY_TYPE_I64);
  const eddy_type* string_ = d.type(EDDY_TYPE_STRING);
};

TEST_F(DecoderTest, FillsARowInTheModelsOrder) {
  model = *Model::compile(d.model("M", {{"name", string_}, {"n", i64_}, {"ok", d.type(EDDY_TYPE_BOOL)}}));
  const auto* row = decode(*model, R"( { "ok" : true , "n":-5, "name":"Ada" } )");
  ASSERT_NE(row, nullptr) << error.message();
  EXPECT_EQ(row[0].kind, std::uint32_t{EDDY_VALUE_STRING});
  EXPECT_EQ(text_of(row[0]), "Ada");
  EXPECT_EQ(row[1].kind, std::uint32_t{EDDY_VALUE_I64});
  EXPECT_EQ(row[1].as.i64, -5);
  EXPECT_EQ(row[2].kind, std::uint32_t{EDDY_VALUE_BOOL});
  EXPECT_EQ(row[2].as.u64, 1u);
}

TEST_F(DecoderTest, StringsWithoutEscapesAreBorrowedFromTheRecord) {
  model = test::model_of(d, string_);
  std::string json = R"({"v":"plain"})";
  json.append(64, '\0');
  const auto* row = decoder.decode(*model, std::string_view(json).substr(0, json.size() - 64), error);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row[0].as.text, json.data() + 6);
}

TEST_F(DecoderTest, RowsOfOneRecordStayUntilReset) {
  model = test::model_of(d, string_);
  const auto* first = decode(*model, R"({"v":"one\n"})");
  const auto* second = decode(*model, R"({"v":"two\n"})");
  EXPECT_EQ(text_of(first[0]), "one\n");
  EXPECT_EQ(text_of(second[0]), "two\n");
}

TEST_F(DecoderTest, BytesBehindTheTextAreNotRead) {
  model = test::model_of(d, i64_);
  const std::string json = R"({"v":12}3456)" + std::string(64, '9');
  const auto* row = decoder.decode(*model, std::string_view(json).substr(0, 8), error);
  ASSERT_NE(row, nullptr) << error.message();
  EXPECT_EQ(row[0].as.i64, 12);
  EXPECT_TRUE(decoder.is_json(std::string_view(json).substr(5, 2)));
  EXPECT_EQ(decoder.decode(*model, std::string_view(json).substr(0, 7), error), nullptr);
  EXPECT_TRUE(error.parse);
}

struct Range {
  std::uint32_t kind;
  const char* min;
  const char* below;
  const char* max;
  const char* above;
  const char* expected;
};

class IntegerTest : public DecoderTest, public testing::WithParamInterface<Range> {};

TEST_P(IntegerTest, IsExactToTheEndsOfItsRangeAndRefusedBeyond) {
  const Range& range = GetParam();
  const auto* type = d.type(range.kind);
  const bool is_signed = range.kind <= EDDY_TYPE_I64;
  const auto* low = value(type, range.min);
  ASSERT_NE(low, nullptr) << error.message();
  EXPECT_EQ(low[0].kind, std::uint32_t{is_signed ? EDDY_VALUE_I64 : EDDY_VALUE_U64});
  EXPECT_EQ(is_signed ? std::to_string(low[0].as.i64) : std::to_string(low[0].as.u64), range.min);
  const auto* high = value(type, range.max);
  ASSERT_NE(high, nullptr) << error.message();
  EXPECT_EQ(is_signed ? std::to_string(high[0].as.i64) : std::to_string(high[0].as.u64), range.max);
  const std::string expected = std::string("/v: expected ") + range.expected + ", found the number ";
  EXPECT_EQ(refusal(type, range.below), expected + range.below);
  EXPECT_EQ(refusal(type, range.above), expected + range.above);
  EXPECT_EQ(refusal(type, "5.0"), expected + "5.0");
  EXPECT_EQ(refusal(type, "1e2"), expected + "1e2");
  ASSERT_NE(value(type, "-0"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Widths, IntegerTest,
    testing::Values(Range{EDDY_TYPE_I8, "-128", "-129", "127", "128", "an 8-bit integer"},
                    Range{EDDY_TYPE_I16, "-32768", "-32769", "32767", "32768", "a 16-bit integer"},
                    Range{EDDY_TYPE_I32, "-2147483648", "-2147483649", "2147483647", "2147483648", "a 32-bit integer"},
                    Range{EDDY_TYPE_I64, "-9223372036854775808", "-9223372036854775809", "9223372036854775807",
                          "9223372036854775808", "a 64-bit integer"},
                    Range{EDDY_TYPE_U8, "0", "-1", "255", "256", "an unsigned 8-bit integer"},
                    Range{EDDY_TYPE_U16, "0", "-1", "65535", "65536", "an unsigned 16-bit integer"},
                    Range{EDDY_TYPE_U32, "0", "-1", "4294967295", "4294967296", "an unsigned 32-bit integer"},
                    Range{EDDY_TYPE_U64, "0", "-1", "18446744073709551615", "18446744073709551616",
                          "an unsigned 64-bit integer"}));

TEST_F(DecoderTest, RefusalsSayWhatWasFound) {
  EXPECT_EQ(refusal(i64_, "null"), "/v: expected a 64-bit integer, found null");
  EXPECT_EQ(refusal(i64_, "\"9\""), "/v: expected a 64-bit integer, found the string \"9\"");
  EXPECT_EQ(refusal(i64_, "true"), "/v: expected a 64-bit integer, found true");
  EXPECT_EQ(refusal(string_, "9"), "/v: expected a string, found the number 9");
  EXPECT_EQ(refusal(string_, "[1]"), "/v: expected a string, found an array");
  EXPECT_EQ(refusal(string_, "{}"), "/v: expected a string, found an object");
  EXPECT_EQ(refusal(d.type(EDDY_TYPE_BOOL), "1"), "/v: expected true or false, found the number 1");
  EXPECT_EQ(refusal(d.symbols({"red", "green"}), "\"blue\""),
            "/v: expected one of red, green, found the string \"blue\"");
  EXPECT_EQ(refusal(d.list(i64_), "{}"), "/v: expected an array, found an object");
  EXPECT_EQ(refusal(d.map(i64_), "[]"), "/v: expected an object, found an array");
}

TEST_F(DecoderTest, LongTextsAreCutBetweenCharacters) {
  const std::string text = refusal(i64_, "\"" + std::string(63, 'x') + "\xC3\xA9 and more\"");
  EXPECT_EQ(text, "/v: expected a 64-bit integer, found the string \"" + std::string(63, 'x') + "...\"");
}

TEST_F(DecoderTest, MissingFieldsAreNothing) {
  model = *Model::compile(d.model("M", {{"a/b~c", i64_}}));
  EXPECT_EQ(decode(*model, "{}"), nullptr);
  EXPECT_EQ(error.pointer, "/a~1b~0c");
  EXPECT_EQ(error.message(), "/a~1b~0c: expected a 64-bit integer, found nothing");
  EXPECT_EQ(error.type(), "ValidationError");
}

TEST_F(DecoderTest, TheFirstMisfitInTheModelsOrderIsTold) {
  model = *Model::compile(d.model("M", {{"a", i64_}, {"b", i64_}}));
  EXPECT_EQ(decode(*model, R"({"b":"x","a":"y"})"), nullptr);
  EXPECT_EQ(error.pointer, "/a");
}

TEST_F(DecoderTest, OnlyAnObjectIsARecord) {
  model = test::model_of(d, i64_);
  for (const auto& [json, found] : {std::pair{"[]", "an array"}, {"1", "the number 1"}, {"null", "null"}}) {
    EXPECT_EQ(decode(*model, json), nullptr);
    EXPECT_EQ(error.type(), "ValidationError");
    EXPECT_EQ(error.message(), std::string("expected an object, found ") + found);
  }
}

TEST_F(DecoderTest, OptionalsAreAbsentWhenNullOrMissing) {
  const auto* type = d.optional(i64_);
  EXPECT_EQ(value(type, "null")[0].kind, std::uint32_t{EDDY_VALUE_ABSENT});
  EXPECT_EQ(decode(*model, "{}")[0].kind, std::uint32_t{EDDY_VALUE_ABSENT});
  EXPECT_EQ(value(type, "7")[0].as.i64, 7);
  EXPECT_EQ(refusal(type, "\"x\""), "/v: expected a 64-bit integer, found the string \"x\"");
  EXPECT_THAT(parse_error("{\"v\":nul}"), HasSubstr("nul"));
}

TEST_F(DecoderTest, DoublesAreCorrectlyRounded) {
  const auto* f64 = d.type(EDDY_TYPE_F64);
  const std::pair<const char*, double> cases[] = {
      {"0.1", 0.1},
      {"1", 1.0},
      {"-1.5e3", -1500.0},
      {"9007199254740993", 9007199254740992.0},                       // half way, ties to even
      {"9007199254740993.00000000000000000001", 9007199254740994.0},  // just above
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"5e-324", 5e-324},
      {"1e-400", 0.0},
      {"0.0e999999999999999999999", 0.0},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"123456789012345678901234567890123456789012345678901234567890", 1.2345678901234568e59},
      {"18446744073709551616", 18446744073709551616.0}};
  for (const auto& [json, expected] : cases) {
    const auto* row = value(f64, json);
    ASSERT_NE(row, nullptr) << json << ": " << error.message();
    EXPECT_EQ(row[0].as.f64, expected) << json;
  }
  EXPECT_TRUE(std::signbit(value(f64, "-0.0")[0].as.f64));
  EXPECT_TRUE(std::signbit(value(f64, "-1e-400")[0].as.f64));
  EXPECT_EQ(refusal(f64, "1e400"), "/v: expected a number in the range of a double, found the number 1e400");
  EXPECT_THAT(refusal(f64, "-1.8e308"), HasSubstr("-1.8e308"));
}

TEST_F(DecoderTest, FloatsAreTheNearestFloat) {
  const auto* f32 = d.type(EDDY_TYPE_F32);
  EXPECT_EQ(value(f32, "0.1")[0].as.f64, double{0.1f});
  // Rounded once, not by way of a double.
  EXPECT_EQ(value(f32, "1.00000017881393432617187499")[0].as.f64, double{1.00000011920928955078125f});
  EXPECT_EQ(value(f32, "1e-60")[0].as.f64, 0.0);
  EXPECT_THAT(refusal(f32, "1e39"), HasSubstr("32-bit float"));
}

TEST_F(DecoderTest, TimesAreReadFromTextAndFromEpochSeconds) {
  const auto* time = d.type(EDDY_TYPE_TIMESTAMP);
  const std::pair<const char*, std::int64_t> cases[] = {{R"("1970-01-01T00:00:01Z")", 1'000'000},
                                                        {R"("1970-01-01T02:00:00.5+02:00")", 500'000},
                                                        {R"("1970-01-01T00:00:00\u005a")", 0},
                                                        {"1700000000", 1'700'000'000'000'000},
                                                        {"1700000000.123456", 1'700'000'000'123'456},
                                                        {"1700000000.1234559999", 1'700'000'000'123'456},
                                                        {"1.7e9", 1'700'000'000'000'000},
                                                        {"-0.5", -500'000},
                                                        {"0.0000000000000000000000001", 0},
                                                        {"253402300799.999999", 253'402'300'799'999'999},
                                                        {"-62167219200", -62'167'219'200'000'000}};
  for (const auto& [json, expected] : cases) {
    const auto* row = value(time, json);
    ASSERT_NE(row, nullptr) << json << ": " << error.message();
    EXPECT_EQ(row[0].kind, std::uint32_t{EDDY_VALUE_TIMESTAMP});
    EXPECT_EQ(row[0].as.i64, expected) << json;
  }
  for (const char* json : {"253402300800", "-62167219201", "1700000000000", "1e300", "18446744073709551615", "true",
                           R"("yesterday")", R"("2024-02-30T00:00:00Z")", R"("0000-01-01T00:00:00+01:00")"}) {
    EXPECT_THAT(refusal(time, json), StartsWith("/v: expected an RFC 3339 time or epoch seconds, found ")) << json;
  }
}

TEST_F(DecoderTest, StringsKeepEveryCharacter) {
  EXPECT_EQ(text_of(value(string_, R"("")")[0]), "");
  EXPECT_EQ(text_of(value(string_, R"("a\u0000b")")[0]), std::string_view("a\0b", 3));
  EXPECT_EQ(text_of(value(string_, R"("\"\\\/\b\f\n\r\t")")[0]), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text_of(value(string_, R"("\u00e9\u20AC\ud83d\uDE00")")[0]), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(text_of(value(string_, "\"\xF0\x9F\x98\x80\"")[0]), "\xF0\x9F\x98\x80");
  EXPECT_EQ(text_of(value(string_, R"("{\",:[]}")")[0]), "{\",:[]}");
}

TEST_F(DecoderTest, KeysAreComparedWithoutTheirEscapes) {
  const auto* row = decode(*test::model_of(d, i64_), R"({"\u0076":3})");
  ASSERT_NE(row, nullptr) << error.message();
  EXPECT_EQ(row[0].as.i64, 3);
}

TEST_F(DecoderTest, TheLastOfRepeatedKeysCounts) {
  model = *Model::compile(d.model("M", {{"v", i64_}, {"w", d.optional(i64_)}}));
  EXPECT_EQ(decode(*model, R"({"v":1,"v":2})")[0].as.i64, 2);
  const auto* hidden = decode(*model, R"({"v":"bad","w":"bad","v":3,"w":null})");
  ASSERT_NE(hidden, nullptr) << error.message();
  EXPECT_EQ(hidden[0].as.i64, 3);
  EXPECT_EQ(hidden[1].kind, std::uint32_t{EDDY_VALUE_ABSENT});
  EXPECT_EQ(decode(*model, R"({"v":1,"\u0076":"bad"})"), nullptr);
  EXPECT_EQ(error.pointer, "/v");
  EXPECT_EQ(decode(*model, R"({"v":bad,"v":1})"), nullptr);
  EXPECT_TRUE(error.parse);
}

TEST_F(DecoderTest, TheLastOfRepeatedMapKeysCounts) {
  const auto* map = d.map(i64_);
  const auto* row = value(map, R"({"a":1,"b":2,"a":3})");
  ASSERT_NE(row, nullptr) << error.message();
  ASSERT_EQ(row[0].count, 2u);
  EXPECT_EQ(text_of(row[0].as.values[0]), "a");
  EXPECT_EQ(row[0].as.values[1].as.i64, 3);
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"" + std::to_string(i % 99) + "\":" + std::to_string(i) + ",";
  many.back() = '}';
  EXPECT_EQ(value(map, many)[0].count, 99u);
}

TEST_F(DecoderTest, NestedValues) {
  const auto* point = d.model("Point", {{"x", i64_}, {"y", d.optional(i64_)}});
  model = *Model::compile(d.model("M", {{"points", d.list(d.nested(point))}, {"names", d.map(d.list(string_))}}));
  const auto* row = decode(*model, R"({"points":[{"x":1},{"y":3,"x":2}],"names":{"a":["p","q"],"b":[]}})");
  ASSERT_NE(row, nullptr) << error.message();
  EXPECT_EQ(row[0].kind, std::uint32_t{EDDY_VALUE_LIST});
  ASSERT_EQ(row[0].count, 2u);
  EXPECT_EQ(row[0].as.values[0].kind, std::uint32_t{EDDY_VALUE_ROW});
  EXPECT_EQ(row[0].as.values[1].as.values[0].as.i64, 2);
  EXPECT_EQ(row[0].as.values[1].as.values[1].as.i64, 3);
  EXPECT_EQ(row[1].kind, std::uint32_t{EDDY_VALUE_MAP});
  ASSERT_EQ(row[1].count, 2u);
  EXPECT_EQ(text_of(row[1].as.values[0]), "a");
  EXPECT_EQ(text_of(row[1].as.values[1].as.values[1]), "q");
  EXPECT_EQ(row[1].as.values[3].count, 0u);

  EXPECT_EQ(decode(*model, R"({"points":[{"x":1},{"x":"z"}],"names":{}})"), nullptr);
  EXPECT_EQ(error.pointer, "/points/1/x");
  EXPECT_EQ(decode(*model, R"({"points":[],"names":{"k/":["p",7]}})"), nullptr);
  EXPECT_EQ(error.pointer, "/names/k~1/1");
}

TEST_F(DecoderTest, JsonFieldsKeepTheirText) {
  const auto* json = d.type(EDDY_TYPE_JSON);
  for (const char* raw : {"null", "1e999", "\"a\\n\"", "[ 1 , {\"b\" : []} ]", "{}", "-0.0", "true"}) {
    const auto* row = value(json, std::string("  ") + raw + " \n ");
    ASSERT_NE(row, nullptr) << raw << ": " << error.message();
    EXPECT_EQ(row[0].kind, std::uint32_t{EDDY_VALUE_JSON});
    EXPECT_EQ(text_of(row[0]), raw);
  }
  EXPECT_EQ(decode(*model, "{}"), nullptr);
  EXPECT_EQ(error.message(), "/v: expected any JSON value, found nothing");
  EXPECT_EQ(value(d.optional(json), "null")[0].kind, std::uint32_t{EDDY_VALUE_ABSENT});
}

TEST_F(DecoderTest, UnknownFieldsAreIgnoredButMustBeJson) {
  model = test::model_of(d, i64_);
  EXPECT_NE(decode(*model, R"({"x":{"deep":[1,2,{"v":9}]},"v":1,"y":1e999})"), nullptr);
  for (const char* bad : {R"({"x":tru,"v":1})", R"({"x":01,"v":1})", R"({"x":"\q","v":1})", R"({"x":[1,],"v":1})",
                          R"({"x":{1:2},"v":1})", R"({"x":[1 2],"v":1})", R"({"x":"\ud800","v":1})"}) {
    EXPECT_THAT(parse_error(bad), StartsWith("expected JSON, found ")) << bad;
  }
}

TEST_F(DecoderTest, WhatIsNotJsonIsAParseErrorEvenWhenAFieldIsWrongFirst) {
  model = test::model_of(d, i64_);
  EXPECT_EQ(decode(*model, R"({"v":"wrong","x":[})"), nullptr);
  EXPECT_TRUE(error.parse);
}

TEST_F(DecoderTest, ParseErrorsSayWhatAndWhere) {
  EXPECT_EQ(parse_error(""), "expected JSON, found nothing");
  EXPECT_EQ(parse_error(" \n "), "expected JSON, found nothing");
  EXPECT_EQ(parse_error("{\"v\":1} x"), "expected JSON, found more after the value, at byte 8");
  EXPECT_EQ(parse_error("{\"v\":1,}"), "expected JSON, found an unexpected } at byte 7");
  EXPECT_EQ(parse_error("{\"v\":1"), "expected JSON, found the end of the text");
  EXPECT_EQ(parse_error("{\"v\":\"\xC0\xAF\"}"), "expected JSON, found bytes that are not UTF-8");
  EXPECT_EQ(parse_error("{\"v\":\"open}"), "expected JSON, found a string without its closing quote");
  EXPECT_EQ(parse_error("{\"v\":\"a\nb\"}"), "expected JSON, found a control character in a string");
  EXPECT_EQ(parse_error("{\"v\":nope}"), "expected JSON, found an unexpected nope at byte 5");
  EXPECT_EQ(parse_error("\xEF\xBB\xBF{}"), "expected JSON, found an unexpected \xEF\xBB\xBF at byte 0");
}

TEST_F(DecoderTest, NestingHasALimit) {
  const auto nested = [](std::size_t levels) {
    return "{\"x\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + ",\"v\":1}";
  };
  model = test::model_of(d, i64_);
  EXPECT_NE(decode(*model, nested(64)), nullptr) << error.message();
  EXPECT_EQ(decode(*model, nested(65)), nullptr);
  EXPECT_EQ(error.message(), "expected JSON, found nesting deeper than 64 levels at byte 68");
  EXPECT_TRUE(error.parse);
  model = test::model_of(d, d.type(EDDY_TYPE_JSON));
  EXPECT_NE(decode(*model, "{\"v\":" + std::string(63, '[') + std::string(63, ']') + "}"), nullptr);
  EXPECT_EQ(decode(*model, "{\"v\":" + std::string(64, '[') + std::string(64, ']') + "}"), nullptr);
}

TEST_F(DecoderTest, ResetGivesMemoryBackAndTheDecoderGoesOn) {
  model = test::model_of(d, d.list(i64_));
  std::string large = "{\"v\":[1";
  for (int i = 0; i < 500'000; ++i) large += ",1";
  large += "]}";
  for (int i = 0; i < 2; ++i) {
    const auto* row = decode(*model, large);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row[0].count, 500'001u);
    decoder.reset();
    EXPECT_EQ(decode(*model, "{\"v\":[7]}")[0].as.values[0].as.i64, 7);
  }
}

}  // namespace
}  // namespace eddy::host
