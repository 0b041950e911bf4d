// SPDX-License-Identifier: Apache-2.0
// A text in the operator's own editor.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

// Runs $VISUAL, else $EDITOR, over a file of that name with `text` in it, in a folder for the owner alone, and returns
// what the file holds afterwards. kUsage when neither is set; kUnavailable when the editor fails.
Result<std::string> edit_text(std::string_view text, const std::string& name);

}  // namespace eddy::host
