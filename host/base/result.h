// SPDX-License-Identifier: Apache-2.0
// Errors as values. A Result<T> holds a T or an Error; ignoring one does not compile.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace eddy::host {

// What the caller can do about an error; the text is for the operator.
enum class Code : std::uint8_t {
  kUsage,        // the command line is wrong                     (exit 64)
  kBadData,      // input data is wrong                           (exit 65)
  kTooLarge,     // input data is larger than what takes it       (exit 65)
  kUnavailable,  // something outside is not there; may be tried again (exit 69)
  kConflict,     // somebody else was first: look again and begin anew (exit 69)
  kConfig,       // the configuration is wrong                    (exit 78)
  kRefused,      // a plugin, a declaration or a value is not accepted (exit 1)
  kCorrupt,      // stored bytes are not what was written         (exit 65)
  kInternal,     // a library failed in a way that names nothing better (exit 1)
};

// `text` says what, where, expected, found and what to do, in one line without a final full stop.
struct Error {
  Code code = Code::kInternal;
  std::string text;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  const Error& error() const { return std::get<1>(state_); }
  Error take_error() { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const noexcept { return ok_; }
  explicit operator bool() const noexcept { return ok_; }
  const Error& error() const { return error_; }
  Error take_error() { return std::move(error_); }

 private:
  Error error_;
  bool ok_ = true;
};

// Puts `where` in front of an error's text.
inline Error in_context(std::string_view where, Error error) {
  error.text = std::string(where) + ": " + error.text;
  return error;
}

}  // namespace eddy::host

#define EDDY_CONCAT_INNER(a, b) a##b
#define EDDY_CONCAT(a, b) EDDY_CONCAT_INNER(a, b)

// Returns the error of `expression` to the caller, if it has one.
#define EDDY_TRY(expression)                                                            \
  do {                                                                                  \
    if (auto eddy_result = (expression); !eddy_result) return eddy_result.take_error(); \
  } while (false)

// EDDY_ASSIGN(auto x, expression): the value of `expression`, or its error to the caller.
#define EDDY_ASSIGN(target, expression) EDDY_ASSIGN_INNER(EDDY_CONCAT(eddy_result_, __LINE__), target, expression)
#define EDDY_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                         \
  if (!result) return result.take_error();            \
  target = *std::move(result)
