// SPDX-License-Identifier: Apache-2.0
#include "words.hpp"

#include <memory>
#include <regex>

// Its initialiser, std::regex and std::make_shared would be shared between two versions of a plugin without the flags.
inline int calls = 0;

std::vector<Word> words(const Line& line) {
  static const auto pattern = std::make_shared<std::regex>("[a-z]+");
  std::vector<Word> found;
  for (auto at = std::sregex_iterator(line.text.begin(), line.text.end(), *pattern); at != std::sregex_iterator();
       ++at) {
    found.push_back({at->str(), static_cast<int>(at->length())});
  }
  eddy::log::debug("call ", ++calls, " at ", eddy::now());
  return found;
}
