// SPDX-License-Identifier: Apache-2.0
// Has its own C++ library inside, and catches its own exceptions: no fault when it is linked with the version script,
// refused when it exports that library's symbols.
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>

#include "plugin.h"

namespace {

void work(const eddy_input* input) {
  const std::regex pattern("^bad");
  const auto value = std::make_shared<std::string>(input->record->value.data, input->record->value.size);
  if (std::regex_search(*value, pattern)) throw std::runtime_error("a bad record: " + *value);
}

uint32_t process(void*, void*, const eddy_input* input, eddy_call* call) {
  try {
    work(input);
    return bad_pass(input, call);
  } catch (const std::exception& error) {
    bad_host->fail(call, EDDY_FAIL_PLAIN, bad_str("std::runtime_error"), bad_str(error.what()));
    return EDDY_FAILED;
  }
}

}  // namespace

BAD_PLUGIN(static_libstdcxx, process)
