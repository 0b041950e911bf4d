// SPDX-License-Identifier: Apache-2.0
// The exceptions that say more than "failed". Any other exception is a plain failure: its policy decides.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "eddy/abi.h"

namespace eddy {

enum class FailKind : std::uint32_t {
  plain = EDDY_FAIL_PLAIN,                      // the function's policy decides
  retryable = EDDY_FAIL_RETRYABLE,              // please try again
  fatal = EDDY_FAIL_FATAL,                      // never try again
  dependency_down = EDDY_FAIL_DEPENDENCY_DOWN,  // opens the function's breaker
};

// Base of the three below. A class of your own that derives from one of them keeps its own name as error type.
class Failure : public std::runtime_error {
 public:
  Failure(FailKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  FailKind kind() const noexcept { return kind_; }

 private:
  FailKind kind_;
};

struct Retryable : Failure {
  explicit Retryable(const std::string& message) : Failure(FailKind::retryable, message) {}
};

struct Fatal : Failure {
  explicit Fatal(const std::string& message) : Failure(FailKind::fatal, message) {}
};

struct DependencyDown : Failure {
  explicit DependencyDown(const std::string& message) : Failure(FailKind::dependency_down, message) {}
};

// A value does not fit its model. The error type of it, and of what derives from it, is type().
class ValidationError : public std::runtime_error {
 public:
  explicit ValidationError(const std::string& message) : ValidationError("ValidationError", message) {}
  ValidationError(std::string type, const std::string& message) : std::runtime_error(message), type_(std::move(type)) {}
  const std::string& type() const noexcept { return type_; }  // "ValidationError" or "ParseError"

 private:
  std::string type_;
};

}  // namespace eddy
