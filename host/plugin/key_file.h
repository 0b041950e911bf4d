// SPDX-License-Identifier: Apache-2.0
// Keys and signatures as files: NAME.key for its owner alone, NAME.pub for everybody, <plugin>.sig beside the plugin.
#pragma once

#include <string>

#include "base/result.h"
#include "plugin/key.h"
#include "plugin/signature.h"

namespace eddy::host {

// `any_owner`: the command line's own use; the host takes a key only from a file that is in nobody else's hands.
Result<PublicKey> read_public_key(const std::string& path, bool any_owner);

// Refuses a file that others than its owner can read.
Result<SecretKey> read_secret_key(const std::string& path);

// Writes <base>.key and <base>.pub; neither is ever overwritten.
Result<void> write_key_pair(const std::string& base, const SecretKey& key);

// Writes or replaces <plugin>.sig, whole at once.
Result<void> write_signature(const std::string& plugin, const Signature& signature);

}  // namespace eddy::host
