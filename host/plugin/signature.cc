// SPDX-License-Identifier: Apache-2.0
#include "plugin/signature.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"

namespace eddy::host {

namespace {

// Part of the signed message too, so that no signature made for another purpose or version passes for one of these.
constexpr std::string_view kFormat = "eddy-plugin-signature-v1";
constexpr std::string_view kFormatBegin = "eddy-plugin-signature-v";
constexpr std::string_view kKey = "key: ";
constexpr std::string_view kSignature = "signature: ";
constexpr std::string_view kComment = "comment: ";

std::string message_of(const Sha256Digest& file, std::string_view comment) {
  std::string message(kFormat);
  message.push_back('\0');
  message.append(reinterpret_cast<const char*>(file.data()), file.size());
  return message.append(comment);
}

Error malformed_signature(std::string_view found) {
  return Error{Code::kRefused, "expected a signature of the form " + std::string(kFormat) + ", found " +
                                   std::string(found) + "; copy it again, or sign the plugin again"};
}

// The rest of the next line, which begins with `name`.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(name)) return std::nullopt;
  const std::string_view rest = text.substr(name.size(), end - name.size());
  text.remove_prefix(end + 1);
  return rest;
}

bool is_key_id(std::string_view text) {
  return text.size() == kKeyIdDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_comment(std::string_view text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  return text.size() <= kLongestComment && is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

Result<void> take_format(std::string_view& text) {
  std::string_view rest = text;
  const auto version = take_line(rest, kFormatBegin);
  if (!version) return malformed_signature("another first line");
  const bool number =
      !version->empty() && version->size() <= 4 && version->find_first_not_of("0123456789") == std::string_view::npos;
  if (*version != kFormat.substr(kFormatBegin.size())) {
    return malformed_signature(number ? "version " + std::string(*version) + " of it" : "another first line");
  }
  text = rest;
  return {};
}

}  // namespace

std::string Signature::text() const {
  std::string text(kFormat);
  text.append("\n").append(kKey).append(key).append("\n").append(kSignature);
  append_base64(text, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!comment.empty()) text.append("\n").append(kComment).append(comment);
  return text + "\n";
}

bool Signature::is_by(const PublicKey& signer, const Sha256Digest& file) const {
  return signer.verifies(message_of(file, comment), bytes);
}

Result<Signature> parse_signature(std::string_view text) {
  EDDY_TRY(take_format(text));
  Signature signature;
  const auto key = take_line(text, kKey);
  if (!key || !is_key_id(*key)) return malformed_signature("no line \"key: \" with 16 hexadecimal digits");
  signature.key = *key;
  const auto encoded = take_line(text, kSignature);
  const auto bytes = encoded ? from_base64(*encoded) : std::nullopt;
  if (!bytes || bytes->size() != signature.bytes.size())
    return malformed_signature("no line \"signature: \" with 64 bytes in base64");
  std::copy(bytes->begin(), bytes->end(), signature.bytes.begin());
  if (const auto comment = take_line(text, kComment)) {
    if (comment->empty() || !is_comment(*comment))
      return malformed_signature("a comment that is too long or no plain text");
    signature.comment = *comment;
  }
  if (!text.empty()) return malformed_signature("more behind it");
  return signature;
}

Result<Signature> sign(const SecretKey& key, const Sha256Digest& file, std::string comment) {
  if (!is_comment(comment)) {
    return Error{Code::kUsage, "expected a comment of at most " + std::to_string(kLongestComment) +
                                   " bytes of plain text in one line, found another one"};
  }
  return Signature{key.public_key().id(), key.sign(message_of(file, comment)), std::move(comment)};
}

}  // namespace eddy::host
