// SPDX-License-Identifier: Apache-2.0
// Configuration sections, and the log.
#include <limits>
#include <ostream>

#include "app_fixture.h"

namespace eddy::test {
namespace {

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const ValidationError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Configuration, ReadsScalarsAndLists) {
  const Config config(R"( {"b" : true,"i":-5,"u":18446744073709551615, "d":1.5e3,"s":"a\"\u00fc\ud83d\ude00\n",
                          "l":["x" , "y,]"],"e":[],"none":null,"o":{"k":[1,{"z":"}"}]},"\u006b":1} )");
  EXPECT_TRUE(config.get<bool>("b"));
  EXPECT_EQ(config.get<int>("i"), -5);
  EXPECT_EQ(config.get<std::uint64_t>("u"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(config.get<double>("d"), 1500.0);
  EXPECT_EQ(config.get<std::string>("s"), "a\"\xC3\xBC\xF0\x9F\x98\x80\n");
  EXPECT_EQ(config.get<std::vector<std::string>>("l"), (std::vector<std::string>{"x", "y,]"}));
  EXPECT_TRUE(config.get<std::vector<int>>("e").empty());
  EXPECT_EQ(config.get<int>("k"), 1);
  EXPECT_EQ(config.get("none", 7), 7);
  EXPECT_EQ(config.get("missing", "text"), "text");
  EXPECT_TRUE(config.has("o"));
  EXPECT_EQ(config.json()["o"]["k"][1]["z"], "}");
}

TEST(Configuration, SaysWhichValueIsWrong) {
  const Config config(R"({"port":70000,"name":5,"list":[1,"a"],"half":1.5})");
  const std::string port = error_of([&] { config.get<std::uint16_t>("port"); });
  EXPECT_EQ(port, "configuration /port: expected an integer of 16 bits, found 70000");
  EXPECT_EQ(error_of([&] { config.get("name", "x"); }), "configuration /name: expected a string, found 5");
  EXPECT_EQ(error_of([&] { config.get<int>("half"); }),
            "configuration /half: expected an integer of 32 bits, found 1.5");
  EXPECT_EQ(error_of([&] { config.get<bool>("gone"); }), "configuration /gone: expected true or false, found nothing");
  EXPECT_EQ(error_of([&] { config.get<std::vector<int>>("list"); }),
            R"(configuration /list: expected a list, each item an integer of 32 bits, found [1,"a"])");
}

TEST(Configuration, RefusesWhatIsNoObject) {
  for (const char* text : {"", "[", "{", "{]", "[]", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,})", R"({"a":"x)",
                           R"({"a":1}x)", R"({"a":[1})", R"({"\u12":1})", R"({"\)", R"({"\ud800":1})"}) {
    EXPECT_EQ(error_of([&] { Config config{std::string_view(text)}; }), "the configuration is not a JSON object")
        << text;
  }
}

struct Point {
  int x = 0;
};
std::ostream& operator<<(std::ostream& out, const Point& point) { return out << "point " << point.x; }

enum class Level { low, high };
EDDY_ENUM(Level, low, EDDY_FIELD(high, "High"))

TEST(Log, WritesOneLineOfManyParts) {
  eddy_plugin_main_v1(fake_host());
  forget_log_lines();
  const char* none = nullptr;
  log::error("a ", std::string("b "), std::string_view("c "), 1, ' ', -2L, ' ', 0.5, ' ', true, ' ', Level::high, ' ',
             std::optional<int>(), ' ', Key<std::string>("k"), ' ', Point{3}, ' ', none, ' ', Timestamp(0));
  log::debug();
  ASSERT_EQ(log_lines().size(), 2U);
  EXPECT_EQ(log_lines()[0].first, std::uint32_t{EDDY_LOG_ERROR});
  EXPECT_EQ(log_lines()[0].second, "a b c 1 -2 0.5 true High null k point 3 (null) 1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(log_lines()[1].first, std::uint32_t{EDDY_LOG_DEBUG});
}

}  // namespace
}  // namespace eddy::test
