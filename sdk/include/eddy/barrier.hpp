// SPDX-License-Identifier: Apache-2.0
// The barrier around every entry into a plugin: no exception leaves it. Names and texts are taken here, inside the
// plugin, because only here are its types known, whatever standard library it brings along.
#pragma once

#include <cxxabi.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>

#include "eddy/errors.hpp"
#include "eddy/host.hpp"
#include "eddy/result.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

#if __has_include(<bits/cxxabi_forced.h>)
using ForcedUnwind = abi::__forced_unwind;  // a thread's cancellation: must go on
#else
struct ForcedUnwind {};
#endif

inline std::string demangle(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && text != nullptr ? text.get() : mangled;
}

// What std::throw_with_nested makes of an E is reported as E.
inline std::string type_name(const std::type_info& type) {
  std::string name = demangle(type.name());
  constexpr std::string_view kNested = "std::_Nested_exception<";
  if (name.starts_with(kNested) && name.ends_with('>'))
    name = name.substr(kNested.size(), name.size() - kNested.size() - 1);
  return name;
}

// The name of the last exception type of one worker: failures repeat, and demangling costs more than catching.
struct TypeName {
  const std::type_info* type = nullptr;
  std::string name;

  std::string_view of(const std::type_info* thrown) {
    if (thrown == nullptr) return "unknown";  // thrown by another language
    if (thrown != type) {
      name = type_name(*thrown);
      type = thrown;
    }
    return name;
  }
};

inline std::string_view text_of(const char* text) { return text != nullptr ? text : "(no text)"; }

// Appends ": " and the texts of the exceptions nested in `error`, outermost first.
EDDY_COLD inline void append_nested(std::string& text, const std::exception& error, int depth) {
  constexpr int kMaxDepth = 16;
  const auto* nested = dynamic_cast<const std::nested_exception*>(&error);
  if (nested == nullptr || nested->nested_ptr() == nullptr || depth == kMaxDepth) return;
  text += ": ";
  try {
    nested->rethrow_nested();
  } catch (const std::exception& inner) {
    text += text_of(inner.what());
    append_nested(text, inner, depth + 1);
  } catch (const std::string& inner) {
    text += inner;
  } catch (const char* inner) {
    text += text_of(inner);
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    text += "an exception of type " + (type != nullptr ? type_name(*type) : std::string("unknown"));
  }
}

inline std::string message_of(const std::exception& error) {
  std::string text(text_of(error.what()));
  append_nested(text, error, 0);
  return text;
}

// Runs body() and gives what it threw to report(kind, type, message). Returns what body or report returned.
template <class Body, class Report>
std::uint32_t caught(TypeName& names, Body&& body, Report&& report) {
  constexpr FailKind plain = FailKind::plain;
  const auto own_name = [&names] { return names.of(abi::__cxa_current_exception_type()); };
  try {
    try {
      return body();
    } catch (const ForcedUnwind&) {
      throw;
    } catch (const ValidationError& error) {
      return report(plain, std::string_view(error.type()), std::string_view(message_of(error)));
    } catch (const Failure& error) {
      return report(error.kind(), own_name(), std::string_view(message_of(error)));
    } catch (const std::exception& error) {
      return report(plain, own_name(), std::string_view(message_of(error)));
    } catch (const std::string& error) {
      return report(plain, own_name(), std::string_view(error));
    } catch (const char* error) {
      return report(plain, own_name(), text_of(error));
    } catch (...) {
      const std::string_view name = own_name();
      return report(plain, name, std::string_view("an exception of type " + std::string(name)));
    }
  } catch (const ForcedUnwind&) {
    throw;
  } catch (...) {  // no memory left for the name or the text
    return report(plain, std::string_view("std::bad_alloc"), std::string_view("no memory to describe the failure"));
  }
}

inline std::uint32_t report_failure(eddy_call* call, FailKind kind, std::string_view type, std::string_view message) {
  plugin_host->fail(call, static_cast<std::uint32_t>(kind), to_abi(type), to_abi(message));
  return EDDY_FAILED;
}

// body() returns the call's status; what it throws becomes the reason of the failure.
template <class Body>
std::uint32_t guarded(eddy_call* call, TypeName& names, Body&& body) {
  return caught(names, body, [call](FailKind kind, std::string_view type, std::string_view message) {
    return report_failure(call, kind, type, message);
  });
}

// Inside a handler: what is being handled becomes a ValidationError at `pointer`.
[[noreturn]] EDDY_COLD inline void rethrow_as_validation_error(const std::string& pointer) {
  TypeName names;
  std::string text = pointer.empty() ? "" : pointer + ": ";
  caught(
      names, []() -> std::uint32_t { throw; },
      [&text](FailKind, std::string_view, std::string_view message) {
        text += message;
        return std::uint32_t{EDDY_FAILED};
      });
  throw ValidationError(text);
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
