// SPDX-License-Identifier: Apache-2.0
// SQL that operators write: one expression over the view `letters`, which can neither change nor reach anything else.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "sqlite/database.h"

namespace eddy::host::triage {

// As long as it lives, its connection prepares only what reads the view by plain functions, and a statement is ended
// when the time is over. One for a connection at a time.
class ExpressionGuard {
 public:
  ExpressionGuard(sqlite::Database& database, std::chrono::milliseconds limit);
  ~ExpressionGuard();
  ExpressionGuard(const ExpressionGuard&) = delete;
  ExpressionGuard& operator=(const ExpressionGuard&) = delete;

  // kUsage, with what is wrong with it, when it does not hold as an expression by itself.
  Result<void> check(const std::string& expression);
  // What was checked last is about causes alone, whatever the letter: it may be asked of the view `causes` instead.
  bool about_causes() const { return !watch_.of_letters; }
  // What an error of a statement under guard means for who wrote the expression.
  Error explain(const std::string& expression, Error error) const;

 private:
  struct Watch {
    std::string refused;      // what the expression asked for; empty: nothing it may not
    bool of_letters = false;  // it has read a column that only letters have
    std::chrono::steady_clock::time_point deadline;
    bool late = false;
  };
  static int authorize(void* watch, int action, const char* first, const char* second, const char* database,
                       const char* view);
  static int progress(void* watch);

  sqlite::Database& database_;
  std::chrono::milliseconds limit_;
  int longest_before_ = 0;
  Watch watch_;
};

}  // namespace eddy::host::triage
