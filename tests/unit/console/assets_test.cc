// SPDX-License-Identifier: Apache-2.0
// What the console's files may not hold, and that what they name is there.
#include "console/assets.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

namespace eddy::host {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const ConsoleAsset& asset) { return {asset.bytes.begin(), asset.bytes.end()}; }

std::set<std::string> names() {
  std::set<std::string> out;
  for (const ConsoleAsset& asset : console_assets()) out.insert(std::string(asset.name));
  return out;
}

// "views/a.js" and "../base/b.js" make "base/b.js".
std::string resolved(const std::string& from, std::string path) {
  std::string folder = from.substr(0, from.find_last_of('/') + 1);
  while (path.starts_with("./") || path.starts_with("../")) {
    if (path.starts_with("../")) folder.erase(folder.find_last_of('/', folder.size() - 2) + 1);
    path.erase(0, path.find('/') + 1);
  }
  return folder + path;
}

std::vector<std::string> all_matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}

TEST(ConsoleAssets, EveryImportIsThere) {
  const std::regex import("from \"([^\"]+)\"");
  std::size_t imports = 0;
  for (const ConsoleAsset& asset : console_assets()) {
    if (!asset.name.ends_with(".js")) continue;
    for (const std::string& path : all_matches(text_of(asset), import)) {
      ++imports;
      EXPECT_TRUE(names().contains(resolved(std::string(asset.name), path))) << asset.name << " imports " << path;
    }
  }
  EXPECT_GT(imports, 50U);
}

TEST(ConsoleAssets, EveryFileThatThePageNamesIsThere) {
  const std::regex address("(?:src|href)=\"/console/([^\"]+)\"");
  for (const ConsoleAsset& asset : console_assets()) {
    if (asset.name != "index.html") continue;
    const auto named = all_matches(text_of(asset), address);
    EXPECT_GT(named.size(), 5U);
    for (const std::string& name : named) EXPECT_TRUE(names().contains(name)) << name;
    return;
  }
  FAIL() << "there is no index.html";
}

TEST(ConsoleAssets, NoDataBecomesMarkupOrCode) {
  for (const ConsoleAsset& asset : console_assets()) {
    if (!asset.name.ends_with(".js")) continue;
    for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
                            "DOMParser", "srcdoc", "javascript:", "createContextualFragment"}) {
      EXPECT_THAT(text_of(asset), Not(HasSubstr(way))) << asset.name;
    }
  }
}

TEST(ConsoleAssets, NothingIsAskedOfOthers) {
  const std::regex elsewhere("((?:https?:)?//[a-z0-9.-]+\\.[a-z]+)");
  for (const ConsoleAsset& asset : console_assets()) {
    for (const std::string& address : all_matches(text_of(asset), elsewhere)) {
      EXPECT_EQ(address, "http://www.w3.org") << asset.name;  // the name of SVG, which is asked nothing
    }
  }
}

TEST(ConsoleAssets, ThePageHasNoStyleOrScriptOfItsOwn) {
  for (const ConsoleAsset& asset : console_assets()) {
    if (!asset.name.ends_with(".html")) continue;
    const std::string text = text_of(asset);
    EXPECT_THAT(text, Not(HasSubstr("<style")));
    EXPECT_THAT(text, Not(HasSubstr("style=")));
    EXPECT_FALSE(std::regex_search(text, std::regex("\\son[a-z]+=")));
    EXPECT_FALSE(std::regex_search(text, std::regex("<script[^>]*>[^<]")));
  }
}

}  // namespace
}  // namespace eddy::host
