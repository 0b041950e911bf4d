// SPDX-License-Identifier: Apache-2.0
// Step "signature": whose plugins are loaded.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "plugin/key.h"
#include "plugin/manifest.h"

namespace eddy::host {

struct Trust {
  bool required = false;        // a file without a signature is refused
  std::vector<PublicKey> keys;  // none, and nothing required: signatures are not looked at

  // Whether a plugin that was admitted with this signer would be admitted now.
  bool accepts(const Signer& signer) const;
};

// Reads <path>.sig with the same care as the file itself and holds it against the digest of the bytes in memory. A
// signature that is there must be good, be it required or not; an empty signer: there is none, and none is needed.
Result<Signer> check_signature(const std::string& path, const Sha256Digest& digest, const Trust& trust, bool any_place);

}  // namespace eddy::host
