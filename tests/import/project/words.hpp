// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <eddy/eddy.hpp>
#include <string>
#include <vector>

struct Line {
  std::string text;
};
EDDY_MODEL(Line, text)

struct Word {
  eddy::Key<std::string> word;
  int length;
};
EDDY_MODEL(Word, word, length)

std::vector<Word> words(const Line& line);
