// SPDX-License-Identifier: Apache-2.0
#include "admin/rights.h"

namespace eddy::host {

std::string_view right_name(Right right) {
  switch (right) {
    case Right::kView:
      return "view";
    case Right::kOperate:
      return "operate";
    case Right::kReveal:
      break;
  }
  return "reveal";
}

}  // namespace eddy::host
