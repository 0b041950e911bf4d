/* SPDX-License-Identifier: Apache-2.0
 * Throws a standard exception without catching it. */
#include <stdexcept>

#include "plugin.h"

BAD_RUN(throws_standard, throw std::invalid_argument("not caught by the plugin");)
