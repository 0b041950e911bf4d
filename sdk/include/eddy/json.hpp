// SPDX-License-Identifier: Apache-2.0
// eddy::Json is nlohmann::json. It is needed only by functions and fields that use it: without the library the name is
// an incomplete type, and define EDDY_NO_JSON to leave the library out where it is installed (it takes long to
// compile).
#pragma once

#if !defined(EDDY_NO_JSON) && __has_include(<nlohmann/json.hpp>)
#define EDDY_HAS_JSON 1
#include <nlohmann/json.hpp>
namespace eddy {
using Json = nlohmann::json;
}
#else
#define EDDY_HAS_JSON 0
namespace eddy {
struct Json;  // install nlohmann_json (nlohmann-json3-dev) to use it
}
#endif
