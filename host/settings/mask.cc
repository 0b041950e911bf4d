// SPDX-License-Identifier: Apache-2.0
#include "settings/mask.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace eddy::host {
namespace {

constexpr std::array<std::string_view, 14> kSecretWords = {
    "password",  "passwd",     "passphrase", "pwd",  "secret",        "token",  "apikey",
    "accesskey", "privatekey", "credential", "jaas", "authorization", "keypem", "sharedkey"};

// Lower case, letters and digits only, so that api_key, apiKey and "api.key" are one.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }

// The user part of a URL ends at the last @: a password may hold a slash, and hiding too much is the safe side.
void mask_url(std::string& text) {
  std::size_t at = 0;
  while ((at = text.find("://", at)) != std::string::npos) {
    const std::size_t begin = at + 3;
    const std::size_t stop = std::min(text.find_first_of(" \t\n\"", begin), text.size());
    const std::size_t end = text.substr(0, stop).rfind('@');
    at = begin;
    if (end == std::string::npos || end < begin) continue;
    const std::size_t colon = text.find(':', begin);
    if (colon >= end) continue;
    text.replace(colon + 1, end - colon - 1, kMasked);
  }
}

// Where the value that begins at `begin` ends: at its closing quote, else at a space or a separator.
std::size_t value_end(const std::string& text, std::size_t begin) {
  if (begin < text.size() && (text[begin] == '\'' || text[begin] == '"')) {
    const std::size_t quote = text.find(text[begin], begin + 1);
    return quote == std::string::npos ? text.size() : quote + 1;
  }
  return std::min(text.find_first_of(" \t\n&;", begin), text.size());
}

void mask_assignments(std::string& text) {
  for (std::size_t at = text.find('='); at != std::string::npos; at = text.find('=', at + 1)) {
    std::size_t name_end = at;
    while (name_end > 0 && text[name_end - 1] == ' ') --name_end;
    std::size_t name = name_end;
    while (name > 0 && is_word(text[name - 1])) --name;
    if (!names_secret(std::string_view(text).substr(name, name_end - name))) continue;
    std::size_t begin = at + 1;
    while (begin < text.size() && text[begin] == ' ') ++begin;
    text.replace(begin, value_end(text, begin) - begin, kMasked);
  }
}

}  // namespace

bool names_secret(std::string_view name) {
  const std::string plain = folded(name);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

bool names_secret_property(std::string_view name) {
  const std::string plain = folded(name);
  return names_secret(name) || plain.find("key") != std::string::npos || plain == "sasloauthbearerconfig";
}

std::string mask_text(std::string_view text) {
  std::string out(text);
  mask_url(out);
  mask_assignments(out);
  return out;
}

}  // namespace eddy::host
