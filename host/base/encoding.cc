// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

#include <simdjson.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>

#include "base/hash.h"

namespace eddy::host {

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  const std::size_t room = sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.resize(start + room);  // includes the terminating NUL that libsodium writes
  sodium_bin2base64(out.data() + start, room, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.resize(start + room - 1);
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  // libsodium takes bytes from 0x80 on for digits.
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x80; })) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

namespace {

// For each byte: 0 as it is, 'u' as \u00XX, else the letter after the backslash.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}
constexpr auto kEscapes = make_escapes();

// Length of the valid UTF-8 sequence at the front of `text`, 0 if there is none (RFC 3629 table).
std::size_t utf8_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (is_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    valid.append(length != 0 ? text.substr(0, length) : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(length != 0 ? length : 1);
  }
  return valid;
}

// Eight bytes at once: true when each is printable ASCII, neither quote nor backslash.
bool is_plain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  const std::uint64_t control = word - kOnes * 0x20;  // borrows into the high bit below 0x20
  return ((word | control | has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'))) & kHigh) == 0;
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') out.append("00").append(to_hex(text.substr(i, 1)));
  }
  out.append(text, plain, text.size() - plain);
}

// `plain` bytes at the front need no escape.
void append_quoted(std::string& out, std::string_view text, std::size_t plain) {
  out.push_back('"');
  out.append(text, 0, plain);
  if (plain != text.size()) append_escaped(out, text.substr(plain));
  out.push_back('"');
}

}  // namespace

std::size_t json_plain_run(std::string_view text) {
  std::size_t size = 0;
  for (std::uint64_t word; size + 8 <= text.size(); size += 8) {
    std::memcpy(&word, text.data() + size, 8);
    if (!is_plain(word)) return size;
  }
  for (; size < text.size(); ++size) {
    const auto byte = static_cast<std::uint8_t>(text[size]);
    if (byte >= 0x80 || kEscapes[byte] != 0) return size;
  }
  return size;
}

void append_json_utf8(std::string& out, std::string_view text) { append_quoted(out, text, json_plain_run(text)); }

bool try_append_json_string(std::string& out, std::string_view text) {
  const std::size_t plain = json_plain_run(text);
  if (plain != text.size() && !is_utf8(text.substr(plain))) return false;
  append_quoted(out, text, plain);
  return true;
}

void append_json_string(std::string& out, std::string_view text) {
  if (!try_append_json_string(out, text)) append_json_utf8(out, replace_invalid_utf8(text));
}

namespace {

// "00" to "99".
constexpr std::array<char, 200> make_pairs() {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}
constexpr auto kPairs = make_pairs();

void put_pair(char* at, std::uint32_t value) { std::memcpy(at, kPairs.data() + 2 * std::size_t{value}, 2); }

// Two digits as a number, or something negative that stays so under what is done to it here.
int two_digits(const char* at) {
  const auto tens = static_cast<unsigned>(at[0] - '0');
  const auto ones = static_cast<unsigned>(at[1] - '0');
  return tens > 9 || ones > 9 ? -100'000 : static_cast<int>(tens * 10 + ones);
}

std::optional<std::int64_t> take_fraction_us(std::string_view& text) {
  if (text.empty() || text.front() != '.') return 0;
  text.remove_prefix(1);
  std::int64_t us = 0;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
    if (digits < 6) us = us * 10 + (text.front() - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) us *= 10;
  return us;
}

// "Z" or "+02:00", all of the text.
std::optional<int> zone_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = two_digits(text.data() + 1);
  const int minutes = two_digits(text.data() + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

void write_rfc3339(char* out, std::int64_t microseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds{microseconds}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) {  // outside RFC 3339: the nearest time it can write
    std::memcpy(out, year < 0 ? "0000-01-01T00:00:00.000000Z" : "9999-12-31T23:59:59.999999Z", kRfc3339Size);
    return;
  }
  const auto in_day = static_cast<std::uint64_t>((time - day).count());
  const auto second = static_cast<std::uint32_t>(in_day / 1'000'000);
  const auto fraction = static_cast<std::uint32_t>(in_day % 1'000'000);
  std::memcpy(out, "0000-00-00T00:00:00.000000Z", kRfc3339Size);
  put_pair(out, static_cast<std::uint32_t>(year) / 100);
  put_pair(out + 2, static_cast<std::uint32_t>(year) % 100);
  put_pair(out + 5, static_cast<unsigned>(date.month()));
  put_pair(out + 8, static_cast<unsigned>(date.day()));
  put_pair(out + 11, second / 3600);
  put_pair(out + 14, second / 60 % 60);
  put_pair(out + 17, second % 60);
  put_pair(out + 20, fraction / 10'000);
  put_pair(out + 22, fraction / 100 % 100);
  put_pair(out + 24, fraction % 100);
}

void append_rfc3339(std::string& out, std::int64_t microseconds) {
  const std::size_t size = out.size();
  out.resize(size + kRfc3339Size);
  write_rfc3339(out.data() + size, microseconds);
}

std::string to_rfc3339(std::int64_t microseconds) {
  std::string text;
  append_rfc3339(text, microseconds);
  return text;
}

std::optional<std::int64_t> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  constexpr std::size_t kSeconds = 19;  // "2026-11-23T20:31:05"
  if (text.size() <= kSeconds) return std::nullopt;
  const char* at = text.data();
  if (at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != 't' && at[10] != ' ') || at[13] != ':' ||
      at[16] != ':')
    return std::nullopt;
  const int y = two_digits(at) * 100 + two_digits(at + 2);
  const int m = two_digits(at + 5);
  const int d = two_digits(at + 8);
  const int hour = two_digits(at + 11);
  const int minute = two_digits(at + 14);
  const int second = two_digits(at + 17);  // 60: a leap second, read as the next one
  if (y < 0 || m < 0 || d < 0 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  text.remove_prefix(kSeconds);
  const auto fraction = take_fraction_us(text);
  const auto zone = zone_minutes(text);
  if (!fraction || !zone) return std::nullopt;
  const auto whole = sys_days{date}.time_since_epoch() + hours{hour} + minutes{minute - *zone} + seconds{second};
  return duration_cast<microseconds>(whole).count() + *fraction;
}

}  // namespace eddy::host
