// SPDX-License-Identifier: Apache-2.0
// Text encodings that more than one part needs: base64, JSON strings, RFC 3339 times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eddy::host {

// Standard base64 with padding (RFC 4648 section 4), by libsodium.
std::string to_base64(std::string_view bytes);
void append_base64(std::string& out, std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

// Appends `text` as a JSON string with its quotes. Control characters, quote and backslash are escaped (RFC 8259);
// bytes that are not UTF-8 become U+FFFD, so that the result is always valid JSON.
void append_json_string(std::string& out, std::string_view text);
// The same, but appends nothing and returns false when `text` is not UTF-8.
[[nodiscard]] bool try_append_json_string(std::string& out, std::string_view text);
// The same for text known to be valid UTF-8.
void append_json_utf8(std::string& out, std::string_view text);

// Bytes at the front that go into a JSON string as they are: printable ASCII without quote and backslash. May stop up
// to seven bytes early.
std::size_t json_plain_run(std::string_view text);

bool is_utf8(std::string_view text);

// "2026-11-23T20:31:05.000123Z": UTC, microseconds, always 27 characters for years 0000 to 9999.
void append_rfc3339(std::string& out, std::int64_t microseconds);
// The same into room for kRfc3339Size characters.
constexpr std::size_t kRfc3339Size = 27;
void write_rfc3339(char* out, std::int64_t microseconds);
std::string to_rfc3339(std::int64_t microseconds);
// Any RFC 3339 time with offset ("Z", "+02:00"), any number of fraction digits (cut at microseconds), 'T', 't' or a
// space.
std::optional<std::int64_t> from_rfc3339(std::string_view text);

}  // namespace eddy::host
