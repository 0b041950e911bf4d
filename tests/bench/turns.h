// SPDX-License-Identifier: Apache-2.0
// Cases that are measured in turns, each beside its baselines of the same round.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bench/measure.h"

namespace eddy::bench {

// What is shown of a case. The ratio is said of the first column, and of each other one that says so.
struct Column {
  const char* title;
  int width;
  int precision;
  bool ratio = false;
  bool less_is_better = false;  // its ratio is turned round, so that more is better everywhere
};
using Figures = std::vector<double>;  // one for each column

struct Turn {
  std::string name;
  std::vector<std::string> baselines;
  std::function<Figures()> run;
  std::vector<Figures> rounds{};
};

// Those whose name has `only` in it, `rounds` times.
inline void take_turns(std::vector<Turn>& turns, std::string_view only, int rounds) {
  std::erase_if(turns, [&](const Turn& turn) { return turn.name.find(only) == std::string::npos; });
  for (int round = 0; round < rounds; ++round) {
    for (Turn& turn : turns) {
      turn.rounds.push_back(turn.run());
      std::fprintf(stderr, "round %d  %-36s", round + 1, turn.name.c_str());
      for (const double figure : turn.rounds.back()) std::fprintf(stderr, " %12.3f", figure);
      std::fprintf(stderr, "\n");
    }
  }
}

// Median of the rounds' ratios: a pair ran one after the other on the same machine.
inline double ratio(const Turn& turn, const Turn& base, std::size_t column, bool turned_round) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < turn.rounds.size(); ++i) {
    const double own = turn.rounds[i][column], other = base.rounds[i][column];
    ratios.push_back(turned_round ? other / own : own / other);
  }
  return median(ratios);
}

inline void print(const std::vector<Turn>& turns, const std::vector<Column>& columns) {
  std::printf("%-36s", "case");
  for (const Column& column : columns) std::printf(" %*s", column.width, column.title);
  std::printf("   ratio to its baselines (");
  const char* comma = "";
  for (const Column& column : columns) {
    if (column.ratio) std::printf("%s%s", std::exchange(comma, ", "), column.title);
  }
  std::printf(")\n");
  for (const Turn& turn : turns) {
    std::printf("%-36s", turn.name.c_str());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::vector<double> figures;
      for (const Figures& round : turn.rounds) figures.push_back(round[i]);
      std::printf(" %*.*f", columns[i].width, columns[i].precision, median(figures));
    }
    for (const Turn& base : turns) {
      if (std::ranges::find(turn.baselines, base.name) == turn.baselines.end()) continue;
      comma = "   ";
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].ratio) continue;
        std::printf("%s%.2f", std::exchange(comma, ", "), ratio(turn, base, i, columns[i].less_is_better));
      }
      std::printf(" of %s", base.name.c_str());
    }
    std::printf("\n");
  }
}

// Ends the program with the error's text, or returns the value: nothing to measure then.
[[noreturn]] inline void die(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}
template <typename T>
T need(host::Result<T> result) {
  if (!result) die(result.error().text);
  return *std::move(result);
}
inline void need(const host::Result<void>& result) {
  if (!result) die(result.error().text);
}

}  // namespace eddy::bench
