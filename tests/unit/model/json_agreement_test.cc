// SPDX-License-Identifier: Apache-2.0
// Two implementations must agree: our check and nlohmann's on what is JSON, and decode after encode on what it says.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <random>

#include "model/decoder.h"
#include "model/encoder.h"
#include "unit/model/model_fixture.h"

namespace eddy::host {
namespace {

using Json = nlohmann::json;

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string space() {
    static constexpr const char* kSpaces[] = {"", "", "", " ", "\n", "\t", "\r", "  \n"};
    return kSpaces[below(8)];
  }
  std::string number() {
    std::string text = below(3) == 0 ? "-" : "";
    text +=
        below(4) == 0 ? "0" : std::to_string(1 + random_() % 1000) + (below(3) == 0 ? std::to_string(random_()) : "");
    if (below(3) == 0) text += "." + std::to_string(random_() % 100000);
    if (below(4) == 0) text += std::string(below(2) ? "e" : "E") + (below(2) ? "-" : "+") + std::to_string(below(200));
    return text;
  }
  std::string string() {
    static constexpr const char* kPieces[] = {
        "a",    "bcdefgh", " ",       "\xC3\xA9",    "\xF0\x9F\x98\x80", "\\n", "\\\"",
        "\\\\", "\\/",     "\\u00e9", "\\u0000",     "\\ud83d\\ude00",   "{",   "]",
        ",",    ":",       "\x7F",    "\xE2\x82\xAC"};
    std::string text = "\"";
    for (std::size_t i = below(6); i > 0; --i) text += kPieces[below(std::size(kPieces))];
    return text + "\"";
  }
  std::string value(int depth) {
    switch (below(depth > 0 ? 8 : 5)) {
      case 0:
        return "null";
      case 1:
        return below(2) ? "true" : "false";
      case 2:
        return number();
      case 3:
      case 4:
        return string();
      case 5:
        return list(depth);
      default:
        return object(depth);
    }
  }
  std::string list(int depth) {
    std::string text = "[" + space();
    for (std::size_t i = below(4); i > 0; --i) text += value(depth - 1) + space() + (i > 1 ? "," + space() : "");
    return text + "]";
  }
  std::string object(int depth) {
    std::string text = "{" + space();
    for (std::size_t i = below(4); i > 0; --i) {
      text += string() + space() + ":" + space() + value(depth - 1) + space() + (i > 1 ? "," : "");
    }
    return text + "}";
  }
  // One to three small changes, aimed at what the grammar is made of.
  void mutate(std::string& text) {
    static constexpr std::string_view kBytes = "{}[]:,\"\\ntf-+.eE019u \n\x01\x80\xC3/aD8\x0C\x1A";
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      const std::size_t at = text.empty() ? 0 : below(text.size());
      const char byte = kBytes[below(kBytes.size())];
      switch (below(4)) {
        case 0:
          text.insert(at, 1, byte);
          break;
        case 1:
          if (!text.empty()) text.erase(at, 1);
          break;
        case 2:
          if (!text.empty()) text[at] = byte;
          break;
        default:
          text = text.substr(0, at) + text.substr(text.empty() ? 0 : below(text.size()));
      }
    }
  }

 private:
  std::mt19937 random_;
};

bool is_json(Decoder& decoder, const std::string& text) {
  // What follows would complete many a text, and must not be looked at.
  const std::string padded = text + "\"}]}]}]123" + std::string(64, ']');
  return decoder.is_json(std::string_view(padded).substr(0, text.size()));
}

// A number too large for a double is JSON all the same, but nlohmann has no value for it.
bool only_too_large(const std::string& text) {
  try {
    return Json::parse(text).is_discarded();
  } catch (const Json::out_of_range& error) {
    return error.id == 406;
  } catch (const Json::exception&) {
    return false;
  }
}

bool agrees(Decoder& decoder, const std::string& text) {
  const bool ours = is_json(decoder, text);
  if (text.find('\0') != std::string::npos || text.starts_with("\xEF\xBB\xBF"))
    return !ours;  // nlohmann stops or skips
  return ours == Json::accept(text) || (ours && only_too_large(text));
}

TEST(JsonAgreementTest, GeneratedTextsAreJson) {
  Decoder decoder;
  Generator generate(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = generate.space() + generate.value(6) + generate.space();
    ASSERT_TRUE(is_json(decoder, text)) << text;
    ASSERT_TRUE(Json::accept(text)) << text;
  }
}

TEST(JsonAgreementTest, MutatedTextsAreJudgedAlike) {
  Decoder decoder;
  Generator generate(2);
  int valid = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = generate.value(5);
    generate.mutate(text);
    ASSERT_TRUE(agrees(decoder, text)) << text;
    valid += is_json(decoder, text) ? 1 : 0;
  }
  EXPECT_GT(valid, 10'000);  // else the mutations are too wild to tell anything
  EXPECT_LT(valid, 90'000);
}

TEST(JsonAgreementTest, EveryImplementationOfTheIndexJudgesAlike) {
  const auto* active = static_cast<const simdjson::implementation*>(simdjson::get_active_implementation());
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (!implementation->supported_by_runtime_system()) continue;
    simdjson::get_active_implementation() = implementation;
    Decoder decoder;
    Generator generate(3);
    for (int i = 0; i < 20'000; ++i) {
      std::string text = generate.value(5);
      if (i % 4 != 0) generate.mutate(text);
      EXPECT_TRUE(agrees(decoder, text)) << implementation->name() << ": " << text;
      if (testing::Test::HasFailure()) break;
    }
  }
  simdjson::get_active_implementation() = active;
}

TEST(JsonAgreementTest, TextsThatOtherParsersDisagreeOn) {
  Decoder decoder;
  for (const char* good :
       {"1e999", "-1e999", "1e-999", "0e1", "1234567890123456789012345678901234567890", "-0", "0.0", " \t\r\n1 ",
        "\"\\ud83d\\ude00\"", "{\"a\":1,\"a\":2}", "\"\x7F\"", "[]", "\"\"", "{\"\":0}"}) {
    EXPECT_TRUE(is_json(decoder, good)) << good;
  }
  for (const char* bad : {"",
                          " ",
                          "01",
                          "-",
                          "+1",
                          "1.",
                          ".5",
                          "1e",
                          "1e+",
                          "0x1",
                          "-01",
                          "1_0",
                          "NaN",
                          "Infinity",
                          "True",
                          "nul",
                          "nulll",
                          "'a'",
                          "\"\\x41\"",
                          "\"\\u12g4\"",
                          "\"\\u12\"",
                          "\"\\ud800\"",
                          "\"\\ude00\"",
                          "\"\\ud800\\u0041\"",
                          "\"\\ud800x\"",
                          "\"\t\"",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":1,}",
                          "{a:1}",
                          "{1:1}",
                          "[1}",
                          "{\"a\":1]",
                          "]",
                          "}",
                          ",",
                          ":",
                          "1 2",
                          "[] []",
                          "\"a\"b",
                          "\"a\"\"b\"",
                          "1\"a\"",
                          "\xEF\xBB\xBF"
                          "1",
                          "/**/1",
                          "[1]//",
                          "\"\xC0\xAF\"",
                          "\"\xED\xA0\x80\"",
                          "\"\xF4\x90\x80\x80\"",
                          "1\x0C",
                          "\x1A",
                          "[\\\"a\\\"]",
                          "\xC2\xA0"
                          "1",
                          "\"\\",
                          "\"\\\""}) {
    EXPECT_FALSE(is_json(decoder, bad)) << bad;
  }
  EXPECT_FALSE(is_json(decoder, std::string("1\0", 2)));
  EXPECT_FALSE(is_json(decoder, std::string("\"\0\"", 3)));
}

TEST(JsonAgreementTest, TheCheckAllowsDeepNestingUpToItsLimit) {
  Decoder decoder;
  EXPECT_TRUE(is_json(decoder, std::string(1024, '[') + std::string(1024, ']')));
  EXPECT_FALSE(is_json(decoder, std::string(1025, '[') + std::string(1025, ']')));
  EXPECT_FALSE(is_json(decoder, std::string(1'000'000, '[')));
}

TEST(JsonAgreementTest, RowsComeBackFromTheirText) {
  test::Declarations d;
  const auto* point = d.model("Point", {{"x", d.type(EDDY_TYPE_F32)}, {"tag", d.symbols({"a", "b"})}});
  const auto model = *Model::compile(d.model("M", {{"i", d.type(EDDY_TYPE_I64)},
                                                   {"u", d.type(EDDY_TYPE_U64)},
                                                   {"f", d.type(EDDY_TYPE_F64)},
                                                   {"s", d.type(EDDY_TYPE_STRING)},
                                                   {"t", d.type(EDDY_TYPE_TIMESTAMP)},
                                                   {"j", d.type(EDDY_TYPE_JSON)},
                                                   {"p", d.list(d.nested(point))},
                                                   {"m", d.map(d.optional(d.type(EDDY_TYPE_BOOL)))}}));
  Decoder decoder;
  ModelError error;
  Generator generate(4);
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    decoder.reset();
    const double f = std::bit_cast<double>(random());
    const Json record = {{"i", static_cast<std::int64_t>(random())},
                         {"u", random()},
                         {"f", std::isfinite(f) ? f : 0.0},
                         {"t", static_cast<double>(random() % 4'000'000'000) / 16},
                         {"p", {{{"x", static_cast<float>(random() % 1000) / 7}, {"tag", random() % 2 ? "a" : "b"}}}},
                         {"m", {{"k", nullptr}, {"l", true}}}};
    std::string text = record.dump();
    text.back() = ',';
    text += "\"s\":" + generate.string() + ",\"j\":" + generate.value(3) + "}";
    const auto* row = decoder.decode_unpadded(*model, text, error);
    ASSERT_NE(row, nullptr) << error.message() << "\n" << text;
    EXPECT_EQ(row[0].as.i64, record["i"].get<std::int64_t>());
    EXPECT_EQ(row[1].as.u64, record["u"].get<std::uint64_t>());
    EXPECT_EQ(row[2].as.f64, record["f"].get<double>());
    std::string once;
    ASSERT_TRUE(encode(*model, row, once).ok());
    EXPECT_EQ(Json::parse(once)["s"], Json::parse(text)["s"]);
    EXPECT_EQ(Json::parse(once)["f"], record["f"]);
    const auto* again = decoder.decode_unpadded(*model, once, error);
    ASSERT_NE(again, nullptr) << error.message() << "\n" << once;
    std::string twice;
    ASSERT_TRUE(encode(*model, again, twice).ok());
    ASSERT_EQ(once, twice);
  }
}

}  // namespace
}  // namespace eddy::host
