// SPDX-License-Identifier: Apache-2.0
// What a body is and how it is packed: content types, and the way back from gzip and zstd.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace eddy::host {

enum class BodyFormat { kDocument, kLines };
enum class Packing { kNone, kGzip, kZstd };

// "application/json; charset=utf-8". None: a type or a charset that is not taken. Empty is JSON.
std::optional<BodyFormat> body_format(std::string_view content_type);
// "gzip", "x-gzip", "zstd", "identity" or empty. None: another one, or several.
std::optional<Packing> packing(std::string_view content_encoding);

enum class Unpacked { kDone, kDamaged, kTooLarge };

// Unpacks into `out`, kBodyPadding bytes of room behind it. kTooLarge: more than `limit` bytes, or a ratio that only
// bombs have.
Unpacked unpack(Packing packing, std::string_view packed, std::size_t limit, std::string& out);

}  // namespace eddy::host
