// SPDX-License-Identifier: Apache-2.0
// A plugin's own validate() for records that reach no function: those that an ingest API takes.
#pragma once

#include <functional>

#include "ingest/route.h"
#include "plugin/image.h"

namespace eddy::host {

// Empty when the model has no validate(). Calls are guarded on whatever thread they are made; a fault refuses the
// record, poisons the image and is told to `on_fault`; until a fresh image is bound, which a quarantine puts off, the
// check cannot be made.
RowCheck make_row_check(const ImagePtr& image, const ModelPtr& model, std::function<void(const Image&)> on_fault);

}  // namespace eddy::host
