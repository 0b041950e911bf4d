// SPDX-License-Identifier: Apache-2.0
// What another library says about a JSON text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace eddy::fuzz {

using Json = nlohmann::json;

enum class Verdict { kJson, kOther, kUnknown };

// Takes what comes, and notes why it ends.
class Judge final : public Json::json_sax_t {
 public:
  Verdict verdict = Verdict::kJson;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    verdict = error.id == kTooLarge ? Verdict::kUnknown : Verdict::kOther;
    return false;
  }

 private:
  static constexpr int kTooLarge = 406;
};

// nlohmann reads up to a NUL, skips a byte order mark, and has no value for a number beyond a double: these are not
// asked of it.
inline Verdict verdict_on(std::string_view text) {
  if (text.find('\0') != text.npos || text.starts_with("\xEF\xBB\xBF")) return Verdict::kOther;
  Judge judge;
  Json::sax_parse(text, &judge);
  return judge.verdict;
}

// Levels of arrays and objects in a text that is JSON.
inline std::size_t levels_of(const Json& json) {
  std::size_t most = 0;
  if (!json.is_structured()) return 0;
  for (const Json& inner : json) most = std::max(most, levels_of(inner));
  return most + 1;
}

}  // namespace eddy::fuzz
