// SPDX-License-Identifier: Apache-2.0
#include "guard/exception_text.h"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <typeinfo>

#include "guard/guard.h"

namespace eddy::host {
namespace {

void copy_type(Fault& fault) {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const char* mangled = type != nullptr ? type->name() : "a foreign exception";
  int status = 0;
  char* name = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::snprintf(fault.exception_type, sizeof fault.exception_type, "%s", status == 0 ? name : mangled);
  std::free(name);
}

void copy_message(Fault& fault, const char* text) {
  std::snprintf(fault.exception_message, sizeof fault.exception_message, "%s", text != nullptr ? text : "");
}

}  // namespace

void note_current_exception(Fault& fault) {
  copy_type(fault);
  try {
    throw;
  } catch (const std::exception& exception) {
    copy_message(fault, exception.what());
  } catch (const std::string& text) {
    copy_message(fault, text.c_str());
  } catch (const char* text) {
    copy_message(fault, text);
  } catch (...) {
    copy_message(fault, nullptr);
  }
}

}  // namespace eddy::host
