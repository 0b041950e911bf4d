// SPDX-License-Identifier: Apache-2.0
// The Eddy SDK: everything a C++ plugin needs. C++20, headers only; compile with the flags of eddy_add_plugin or of
// pkg-config eddy.
#pragma once

#include "eddy/abi.h"
#include "eddy/app.hpp"
#include "eddy/config.hpp"
#include "eddy/context.hpp"
#include "eddy/dead_letter.hpp"
#include "eddy/errors.hpp"
#include "eddy/json.hpp"
#include "eddy/key.hpp"
#include "eddy/log.hpp"
#include "eddy/model.hpp"
#include "eddy/plugin.hpp"
#include "eddy/record.hpp"
#include "eddy/result.hpp"
#include "eddy/routed.hpp"
#include "eddy/state.hpp"
#include "eddy/timestamp.hpp"
