// SPDX-License-Identifier: Apache-2.0
// How a step says no: "elf: expected an x86-64 shared object, found a text file; build it with eddy_add_plugin".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

// The file is what it is: it is not looked at again until it changes.
inline Error refuse(std::string_view step, std::string_view expected, std::string_view found, std::string_view advice) {
  std::string text(step);
  text.append(": expected ").append(expected).append(", found ").append(found).append("; ").append(advice);
  return Error{Code::kRefused, std::move(text)};
}

// Something around the file is in the way and may go away by itself: tried again at the next scan.
inline Error not_now(std::string_view step, std::string_view expected, std::string_view found,
                     std::string_view advice) {
  Error error = refuse(step, expected, found, advice);
  error.code = Code::kUnavailable;
  return error;
}

}  // namespace eddy::host
