// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "settings/load.h"

namespace eddy::host::test {

inline std::filesystem::path repository() {
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::vector<std::string> messages(const LoadedSettings& loaded) {
  std::vector<std::string> all;
  for (const Finding& finding : loaded.errors) all.push_back(finding.message());
  return all;
}

// Messages of a text that stands in "f".
inline std::vector<std::string> findings(const std::string& text) { return messages(parse_settings(text, "f")); }

// A text without errors.
inline Settings good(const std::string& text) {
  LoadedSettings loaded = parse_settings(text, "f");
  EXPECT_THAT(messages(loaded), testing::IsEmpty()) << text;
  return std::move(loaded.settings);
}

// Of a token, as the settings take it.
inline const std::string kTokenHash = "sha256:" + std::string(63, '0') + "f";

// An environment variable for the length of a test.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
};

}  // namespace eddy::host::test
