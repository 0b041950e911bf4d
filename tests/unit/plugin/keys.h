// SPDX-License-Identifier: Apache-2.0
// Plugins that are signed, for tests.
#pragma once

#include "base/hash.h"
#include "plugin/key_file.h"
#include "plugin/trust.h"
#include "zoo.h"

namespace eddy::host {

inline std::string signature_text(const SecretKey& key, const std::string& bytes, const std::string& comment = "") {
  return sign(key, sha256(bytes), comment)->text();
}

// Signs a file where it lies, with the mode that installed files have.
inline std::string sign_in(const TempDir& directory, const std::string& name, const SecretKey& key) {
  return directory.write(name + ".sig", signature_text(key, bytes_of(directory / name)));
}

inline Trust trust_in(std::initializer_list<const SecretKey*> keys, bool required = true) {
  Trust trust;
  trust.required = required;
  for (const SecretKey* key : keys) trust.keys.push_back(key->public_key());
  return trust;
}

}  // namespace eddy::host
