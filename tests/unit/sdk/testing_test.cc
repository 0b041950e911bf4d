// SPDX-License-Identifier: Apache-2.0
// What authors test with says what the host says: every text is decoded by both.
#include "eddy/testing.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app_fixture.h"

namespace eddy::test {
namespace tried {

enum class Colour { red, green };
EDDY_ENUM(Colour, red, EDDY_FIELD(green, "Green"))

struct Inner {
  int n = 0;
};
EDDY_MODEL(Inner, n)
void validate(const Inner& inner) {
  if (inner.n == 13) throw std::invalid_argument("no thirteen");
}

struct All {
  bool yes = false;
  std::int8_t small = 0;
  std::uint16_t word = 0;
  std::int64_t big = 0;
  std::uint64_t huge = 0;
  float narrow = 0;
  double wide = 0;
  std::string text;
  Timestamp at;
  Colour colour = Colour::red;
  std::optional<int> maybe;
  std::vector<Inner> list;
  std::map<std::string, Inner> map;
  Json any;
};
EDDY_MODEL(All, yes, small, word, big, huge, narrow, wide, text, at, colour, maybe, list, EDDY_FIELD(map, "a/map"), any)

// Encodes what it was given, so that a text's way through both decoders can be compared.
All same(const All& all) { return all; }

constexpr const char* kGood =
    R"({"yes":true,"small":-128,"word":65535,"big":-9223372036854775808,"huge":18446744073709551615,"narrow":0.1,)"
    R"("wide":1e300,"text":"a\u00e9\n","at":"2024-02-29T23:59:60.5+01:00","colour":"Green","maybe":null,)"
    R"("list":[{"n":1},{"n":2}],"a/map":{"x":{"n":3}},"any":{"k":[1,"2",null]}})";

// The good text with one member in place of the other.
std::string with(const std::string& name, const std::string& value) {
  auto json = nlohmann::ordered_json::parse(kGood);
  if (value.empty()) {
    json.erase(name);
    return json.dump();
  }
  json[name] = "@";
  std::string text = json.dump();
  return text.replace(text.find("\"@\""), 3, value);
}

}  // namespace tried

namespace {

using testing::Function;
using testing::Input;
using testing::Letter;
using testing::Plugin;

class Tried : public ::testing::Test {
 protected:
  void SetUp() override { eddy_plugin_main_v1(fake_host()); }

  // The host's own decoder and encoder, then ours.
  void compare(const std::string& json) {
    FakePlugin real(described_by([](App& app) {
      const auto in = app.stream<tried::All>("in");
      in.add_transform<tried::same>(in);
    }));
    const Outcome expected = real.run("same", {json});
    Function function = testing::function<tried::same>();
    const testing::Outcome found = function.run(json);
    EXPECT_EQ(found.error_type, expected.error_type) << json;
    if (found.error_type != "ParseError") {
      EXPECT_EQ(found.error_message, expected.message) << json;
    }
    ASSERT_EQ(found.outputs.size(), expected.outputs.size()) << json;
    if (found.delivered()) {
      EXPECT_EQ(found.json().dump(), *expected.outputs[0].value) << json;
    }
  }
};

TEST_F(Tried, ARecordThatFitsComesOutTheSame) {
  compare(tried::kGood);
  compare(tried::with("small", "127"));
  compare(tried::with("big", "9223372036854775807"));
  compare(tried::with("at", "1714564800.25"));
  compare(tried::with("at", "-1"));
  compare(tried::with("at", "\"1969-12-31 23:59:59z\""));
  compare(tried::with("maybe", ""));
  compare(tried::with("maybe", "7"));
  compare(tried::with("more", "[1]"));
}

TEST_F(Tried, ARecordThatDoesNotFitIsToldOfInTheSameWords) {
  const std::map<std::string, std::vector<std::string>> wrong = {
      {"yes", {"", "1", "null", "\"true\""}},
      {"small", {"", "128", "-129", "1.5", "\"1\"", "1e+300", "1.0"}},
      {"word", {"-1", "65536"}},
      {"big", {"9223372036854775808", "-1e+19", "true"}},
      {"huge", {"-1", "1.8446744073709552e+19", "[]"}},
      {"narrow", {"1e+39", "{}"}},
      {"wide", {"\"1\"", "null"}},
      {"text", {"1", "null", "{}"}},
      {"at",
       {"\"2023-02-29T00:00:00Z\"", "\"2024-01-01\"", "\"2024-01-01T00:00:00\"", "\"2024-01-01T24:00:00Z\"",
        "10000000000000.0", "true", "\"2024-01-01T00:00:00.Z\""}},
      {"colour", {"\"green\"", "1", "\"" + std::string(70, 'x') + "\""}},
      {"maybe", {"\"1\"", "2147483648"}},
      {"list", {"{}", "[1]", "[{\"n\":1},{}]", "[{\"n\":1},{\"n\":\"x\"}]", "[{\"n\":13}]"}},
      {"a/map", {"[]", "{\"~\":{\"n\":null}}", "{\"k\":{\"n\":13}}"}},
      {"any", {""}}};
  for (const auto& [name, values] : wrong) {
    for (const std::string& value : values) compare(tried::with(name, value));
  }
}

TEST_F(Tried, WhatIsNoObjectOrNoJson) {
  for (const char* json : {"", "{", "1", "[]", "null", "\"text\"", "{} {}", "{\"text\":\"\xff\"}"}) compare(json);
}

Result<std::optional<tried::Inner>> choose(const tried::Inner& inner, Context& context) {
  if (inner.n == 0) return std::nullopt;
  if (inner.n == 1) return fail("one", "not one", FailKind::retryable);
  context.set_key("k");
  context.add_header("h", "v");
  return tried::Inner{inner.n + (context.cancelled() ? 100 : 10)};
}

TEST_F(Tried, AFunctionDeliversFiltersOrFails) {
  Function function = testing::function<choose>();
  const testing::Outcome delivered = function.run(tried::Inner{2});
  ASSERT_TRUE(delivered.delivered()) << delivered;
  EXPECT_EQ(delivered.as<tried::Inner>().n, 12);
  EXPECT_EQ(delivered.output().key, "k");
  EXPECT_EQ(delivered.output().headers, (std::vector<testing::HeaderText>{{"h", "v"}}));
  EXPECT_TRUE(function.run(R"({"n":0})").filtered());
  const testing::Outcome failed = function.run(R"({"n":1})");
  EXPECT_TRUE(failed.dead_lettered());
  EXPECT_EQ(failed.error_type, "one");
  EXPECT_EQ(failed.fail_kind, FailKind::retryable);
  EXPECT_EQ(function.run(Input{.value = R"({"n":2})", .cancelled = true}).as<tried::Inner>().n, 102);
  EXPECT_EQ(function.run(Input{}).error_message, "expected a JSON value, found a record without a value (a tombstone)");
  EXPECT_EQ(function.run(tried::Inner{13}).error_message, "no thirteen");
}

std::optional<tried::Inner> mend(const DeadLetter<tried::Inner>& letter) {
  if (letter.error_type != "one") return std::nullopt;
  return tried::Inner{letter.as_typed().n + static_cast<int>(letter.attempts)};
}

TEST_F(Tried, ALetterGoesOnToItsRecovery) {
  Function function = testing::function<choose>();
  Function recovery = testing::function<mend>();
  EXPECT_EQ(recovery.run(function.run(R"({"n":1})").letter()).as<tried::Inner>().n, 2);
  EXPECT_TRUE(recovery.run(Letter{.error_type = "other"}).filtered());
  EXPECT_EQ(recovery.run(Letter{.error_type = "one", .original = "x"}).error_type, "ParseError");
  EXPECT_THROW(function.run(R"({"n":0})").letter(), std::logic_error);
}

struct Adder {
  explicit Adder(const Config& config) : step(config.get<int>("step")) {}
  tried::Inner operator()(const tried::Inner& inner) { return {inner.n + (sum += step)}; }
  int step;
  int sum = 0;
};

TEST_F(Tried, AClassKeepsItsStateAndReadsItsConfiguration) {
  Function adder = testing::function<Adder>(R"({"step":5})");
  EXPECT_EQ(adder.run(tried::Inner{1}).as<tried::Inner>().n, 6);
  EXPECT_EQ(adder.run(tried::Inner{1}).as<tried::Inner>().n, 11);
  EXPECT_EQ(testing::function<Adder>().create().error_type, "ValidationError");
}

tried::All unwritable(const tried::Inner& inner) {
  tried::All all;
  if (inner.n == 1) all.wide = std::numeric_limits<double>::infinity();
  if (inner.n == 2) all.text = "\xff";
  return all;
}

TEST_F(Tried, AnOutputThatNoJsonCanSayEndsItsCallAsFailed) {
  Function function = testing::function<unwritable>();
  EXPECT_TRUE(function.run(tried::Inner{0}).delivered());
  EXPECT_EQ(function.run(tried::Inner{1}).error_message, "/wide: expected a finite number, found inf");
  EXPECT_EQ(function.run(tried::Inner{2}).error_type, "ValidationError");
}

TEST_F(Tried, APluginByItsNames) {
  const Plugin plugin(std::string(EDDY_PLUGINS) + "/events.so");
  ASSERT_TRUE(plugin.accepted()) << plugin.refusal();
  EXPECT_EQ(plugin.find("function", "process_event").destination, "processed_events");
  EXPECT_THROW(plugin.find("table", "none"), std::out_of_range);
  EXPECT_EQ(plugin.function("process_event").run(R"({"user_id":"","action":"a","timestamp":1})").error_message,
            "Invalid user_id: cannot be empty");
  EXPECT_EQ(
      plugin.function("process_event").run(R"({"user_id":"u","action":"a","timestamp":1})").json()["processed_at"],
      "2024-05-01T12:00:00.000000Z");
  EXPECT_THROW(plugin.function("none"), std::out_of_range);
  EXPECT_THROW(Plugin("/nonexistent.so"), std::runtime_error);
  testing::forget_log_lines();
  plugin.function("monitor").run(Letter{.error_type = "t", .error_message = "m"});
  ASSERT_EQ(testing::log_lines().size(), 1U);
  EXPECT_EQ(testing::log_lines()[0].level, std::uint32_t{EDDY_LOG_WARN});
}

}  // namespace
}  // namespace eddy::test
