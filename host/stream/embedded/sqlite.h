// SPDX-License-Identifier: Apache-2.0
// The store's names for its database.
#pragma once

#include "sqlite/database.h"

namespace eddy::host::embedded {

using sqlite::Database;
using sqlite::kBusyTimeoutMs;
using sqlite::ResetLater;
using sqlite::Statement;
using sqlite::Transaction;

}  // namespace eddy::host::embedded
