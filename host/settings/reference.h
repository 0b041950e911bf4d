// SPDX-License-Identifier: Apache-2.0
// The configuration described, from the field table: config/reference.md and config/eddy.schema.json are these texts.
#pragma once

#include <string>

namespace eddy::host {

std::string settings_reference();  // Markdown
std::string settings_schema();     // JSON Schema 2020-12

}  // namespace eddy::host
