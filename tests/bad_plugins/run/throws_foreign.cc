/* SPDX-License-Identifier: Apache-2.0
 * Throws a type that no std::exception is above. */
#include "plugin.h"

struct Foreign {
  int code;
};

BAD_RUN(throws_foreign, throw Foreign{7};)
