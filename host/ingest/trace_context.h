// SPDX-License-Identifier: Apache-2.0
// W3C trace context: what a request says about the trace that it is a part of, kept with its records as headers of the
// same names.
#pragma once

#include <string_view>

namespace eddy::host {

inline constexpr std::string_view kTraceparent = "traceparent";
inline constexpr std::string_view kTracestate = "tracestate";
// What everybody who passes it on has to keep.
inline constexpr std::size_t kLongestTracestate = 512;

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"; of a later version also with more at the end.
bool is_traceparent(std::string_view text);

// Its first members, as many as have room in kLongestTracestate bytes; empty when it holds bytes that no header has.
std::string_view kept_tracestate(std::string_view text);

}  // namespace eddy::host
