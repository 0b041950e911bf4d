// SPDX-License-Identifier: Apache-2.0
#include "plugin/trust.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "plugin/content.h"
#include "plugin/place.h"
#include "plugin/refusal.h"
#include "plugin/signature.h"

namespace eddy::host {

namespace {

constexpr const char* kSignatureStep = "signature";
constexpr FileShape kSignatureShape{4096, "a signature", "at most 4096 bytes", "sign the plugin again"};

bool is_missing(const std::string& path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

Result<Signature> read_signature(const std::string& path, bool any_place) {
  EDDY_ASSIGN(const FileDescriptor fd, open_in_place(path, any_place, kSignatureShape));
  EDDY_ASSIGN(const std::string text, read_content(fd));
  return parse_signature(text);
}

std::string title(const PublicKey& key) { return key.id() + " (" + key.name + ")"; }

Error unknown_key(const std::string& file, const Signature& signature, const Trust& trust) {
  std::string known;
  for (const PublicKey& key : trust.keys) known += (known.empty() ? "" : ", ") + title(key);
  return refuse(kSignatureStep,
                "in " + file + " the signature of a trusted key, " + (known.empty() ? "of which there is none" : known),
                "one of key " + signature.key, "trust its public key, or sign the plugin with a trusted one");
}

Error wrong_bytes(const std::string& file, const PublicKey& key) {
  return refuse(kSignatureStep, "in " + file + " a signature of key " + title(key) + " over these bytes",
                "one over others, or a damaged one", "copy the plugin and its signature again, or sign it again");
}

}  // namespace

bool Trust::accepts(const Signer& signer) const {
  if (!required && (signer.key.empty() || keys.empty())) return true;
  return std::any_of(keys.begin(), keys.end(), [&](const PublicKey& key) { return key.id() == signer.key; });
}

Result<Signer> check_signature(const std::string& path, const Sha256Digest& digest, const Trust& trust,
                               bool any_place) {
  if (!trust.required && trust.keys.empty()) return Signer{};
  const std::string file = path + std::string(kSignatureSuffix);
  if (is_missing(file)) {
    if (!trust.required) return Signer{};
    return refuse(kSignatureStep, "a signature of a trusted key in " + file, "no such file",
                  "sign it with: eddy plugin sign " + path + " --key NAME.key");
  }
  Result<Signature> signature = read_signature(file, any_place);
  if (!signature) return in_context(std::string(kSignatureStep) + ": " + file, signature.take_error());
  const PublicKey* named = nullptr;
  for (const PublicKey& key : trust.keys) {
    if (key.id() != signature->key) continue;
    if (signature->is_by(key, digest)) return Signer{key.id(), key.name, signature->comment};
    named = &key;
  }
  return named == nullptr ? unknown_key(file, *signature, trust) : wrong_bytes(file, *named);
}

}  // namespace eddy::host
