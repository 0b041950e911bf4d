// SPDX-License-Identifier: Apache-2.0
// Models: what they declare, and values there and back.
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "app_fixture.h"

namespace eddy::test {
namespace shapes {

enum class Colour { red, green = 7 };
EDDY_ENUM(Colour, red, EDDY_FIELD(green, "Green"))

struct Point {
  int x = 0;
  std::optional<int> y;
};
EDDY_MODEL(Point, x, y)

void validate(const Point& point) {
  if (point.x < 0) throw std::runtime_error("x is negative");
}

struct Base {
  std::string inherited;
};

struct Everything : Base {
  bool flag;
  std::int8_t i8;
  std::int16_t i16;
  std::int32_t i32;
  std::int64_t i64;
  std::uint8_t u8;
  std::uint16_t u16;
  std::uint32_t u32;
  std::uint64_t u64;
  long long i64_too;
  float f32;
  double f64;
  std::string text;
  Timestamp when;
  Key<std::int64_t> key;
  Unique<Key<std::string>> both;
  std::optional<std::string> maybe;
  std::vector<std::string> list;
  std::vector<bool> flags;
  std::map<std::string, Point> points;
  Colour colour;
  Point point;
  std::vector<std::optional<Point>> some;
  Json any;
};
EDDY_MODEL(Everything, inherited, flag, i8, i16, i32, i64, u8, u16, u32, u64, i64_too, f32, f64, text, when, key, both,
           maybe, list, flags, points, colour, point, some, EDDY_FIELD(any, "any/thing"))

Everything same(const Everything& value) { return value; }
std::string text_of_list(const Everything& value) { return std::to_string(value.list.size()); }

Everything unlisted(const Everything& value) {
  Everything copy = value;
  copy.colour = static_cast<Colour>(3);
  return copy;
}

#define TEN(p) p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7, p##8, p##9
struct Hundred {
  int TEN(a), TEN(b), TEN(c), TEN(d), TEN(e), TEN(f), TEN(g), TEN(h), TEN(i), TEN(j);
};
EDDY_MODEL(Hundred, TEN(a), TEN(b), TEN(c), TEN(d), TEN(e), TEN(f), TEN(g), TEN(h), TEN(i), TEN(j))
#undef TEN

Hundred raise(const Hundred& value) {
  Hundred copy = value;
  copy.j9 += copy.a0;
  return copy;
}

void nothing(const Point&) {}

}  // namespace shapes

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const char* const kEverything =
    R"({"inherited":"b","flag":true,"i8":-128,"i16":-32768,"i32":-2147483648,"i64":-9223372036854775808,"u8":255,)"
    R"("u16":65535,"u32":4294967295,"u64":18446744073709551615,"i64_too":5,"f32":0.5,"f64":-1.25,"text":"t\u0000ü",)"
    R"("when":"2024-05-01T12:00:00.000001Z","key":-3,"both":"k","maybe":null,"list":["a","b"],"flags":[true,false],)"
    R"("points":{"p":{"x":1,"y":null},"q":{"x":2,"y":3}},"colour":"Green","point":{"x":4,"y":5},)"
    R"("some":[null,{"x":6,"y":null}],"any/thing":{"n":[1,null]}})";

class Models : public ::testing::Test {
 protected:
  FakePlugin plugin{described_by([](App& app) {
    const auto in = app.stream<shapes::Everything>("in");
    in.add_transform<shapes::same>(in);
    in.add_transform<shapes::unlisted>(in);
    in.add_transform<shapes::text_of_list>(app.stream("text"));
    const auto many = app.stream<shapes::Hundred>("many");
    many.add_transform<shapes::raise>(many);
    app.stream<shapes::Point>("points").add_consumer<shapes::nothing>();
  })};
};

TEST_F(Models, EveryTypeGoesThereAndBack) {
  const Outcome outcome = plugin.run("same", {kEverything});
  ASSERT_EQ(outcome.outputs.size(), 1U) << outcome.message;
  EXPECT_EQ(Json::parse(*outcome.outputs[0].value), Json::parse(kEverything));
}

TEST_F(Models, NothingOfTheRecordBeforeIsLeft) {
  Json second = Json::parse(kEverything);
  second["list"] = Json::array();
  second["points"] = Json::object();
  second["some"] = Json::array({nullptr});
  second["point"]["y"] = nullptr;
  second["text"] = "";
  ASSERT_EQ(plugin.run("same", {kEverything}).status, EDDY_OK);
  const Outcome outcome = plugin.run("same", {second.dump()});
  ASSERT_EQ(outcome.outputs.size(), 1U) << outcome.message;
  EXPECT_EQ(Json::parse(*outcome.outputs[0].value), second);
}

TEST_F(Models, FieldsCarryTheirMarks) {
  const eddy_model& model = *plugin.find("stream", "in").model;
  std::map<std::string, std::uint32_t> flags;
  for (std::uint32_t i = 0; i < model.field_count; ++i) {
    const eddy_field& field = model.fields[i];
    flags[std::string(field.name.data, field.name.size)] = field.flags;
  }
  EXPECT_EQ(std::string(model.name.data, model.name.size), "Everything");
  EXPECT_EQ(flags.at("key"), std::uint32_t{EDDY_FIELD_KEY});
  EXPECT_EQ(flags.at("both"), std::uint32_t{EDDY_FIELD_KEY | EDDY_FIELD_UNIQUE});
  EXPECT_EQ(flags.at("text"), 0U);
  EXPECT_TRUE(flags.contains("any/thing"));
}

TEST_F(Models, AHundredFields) {
  Json record;
  for (char letter = 'a'; letter <= 'j'; ++letter) {
    for (char digit = '0'; digit <= '9'; ++digit) record[std::string{letter, digit}] = letter * 100 + digit;
  }
  const Outcome outcome = plugin.run("raise", {record.dump()});
  ASSERT_EQ(outcome.outputs.size(), 1U) << outcome.message;
  record["j9"] = 'j' * 100 + '9' + 'a' * 100 + '0';
  EXPECT_EQ(Json::parse(*outcome.outputs[0].value), record);
}

TEST_F(Models, AnEnumeratorThatIsNotListedIsRefused) {
  const Outcome outcome = plugin.run("unlisted", {kEverything});
  EXPECT_EQ(outcome.status, std::uint32_t{EDDY_FAILED});
  EXPECT_THAT(outcome.message, HasSubstr("/colour"));
}

TEST_F(Models, ChecksNameTheNestedValue) {
  Json record = Json::parse(kEverything);
  record["points"]["q"]["x"] = -1;
  const Outcome nested = plugin.run("same", {record.dump()});
  EXPECT_EQ(nested.error_type, "ValidationError");
  EXPECT_EQ(nested.message, "/points/q: x is negative");
  const Outcome plain = plugin.run("nothing", {R"({"x":-1})"});
  EXPECT_EQ(plain.error_type, "ValidationError");
  EXPECT_EQ(plain.message, "x is negative");
  record = Json::parse(kEverything);
  record["some"][1]["x"] = -1;
  EXPECT_EQ(plugin.run("same", {record.dump()}).message, "/some/1: x is negative");
}

TEST_F(Models, TheHostCanAskForTheChecks) {
  const eddy_model& model = *plugin.find("stream", "points").model;
  ASSERT_NE(model.validate, nullptr);
  EXPECT_EQ(plugin.find("stream", "many").model->validate, nullptr);
  EXPECT_EQ(check_row(model, R"({"x":1})").status, EDDY_OK);
  const Outcome outcome = check_row(model, R"({"x":-1})");
  EXPECT_EQ(outcome.status, std::uint32_t{EDDY_FAILED});
  EXPECT_EQ(outcome.error_type, "ValidationError");
}

TEST(Timestamps, AreWrittenAsRfc3339) {
  EXPECT_EQ(Timestamp(0).to_string(), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Timestamp(951'782'400'000'000).to_string(), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(Timestamp(std::chrono::sys_days(std::chrono::year(1968) / 2 / 29)).to_string(),
            "1968-02-29T00:00:00.000000Z");
  EXPECT_EQ(Timestamp(5) + std::chrono::seconds(1) - Timestamp(5), std::chrono::seconds(1));
}

TEST(Marks, BehaveAsTheirValue) {
  const Key<std::string> key = "abc";
  EXPECT_EQ(key, "abc");
  EXPECT_EQ(key->size(), 3U);
  const std::string copy = key;
  EXPECT_EQ(copy, key);
  Unique<int> number = 4;
  *number += 1;
  EXPECT_EQ(number, 5);
}

}  // namespace
}  // namespace eddy::test
