// SPDX-License-Identifier: Apache-2.0
// eddy plugin verify: whether the host would take a file's signature.
#include "base/hash.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "plugin/content.h"
#include "plugin/key_file.h"
#include "plugin/place.h"
#include "runtime/trust.h"

namespace eddy::host {

namespace {

struct VerifyOptions {
  CommonOptions common;
  std::string file;
  std::vector<std::string> keys;
};

Result<PublicKey> key_of(const std::string& text) {
  if (!looks_like_public_key(text)) return read_public_key(text, true);
  return parse_public_key(text);
}

// The keys of the command line, else those of the configuration.
Result<Trust> trust_of(const VerifyOptions& options) {
  Trust trust;
  for (const std::string& text : options.keys) {
    EDDY_ASSIGN(PublicKey key, key_of(text));
    trust.keys.push_back(std::move(key));
  }
  if (trust.keys.empty()) {
    EDDY_ASSIGN(const Settings settings, load(options.common));
    EDDY_ASSIGN(trust, open_trust(settings));
    if (trust.keys.empty()) {
      return Error{Code::kConfig,
                   "expected a key to verify with, found none; give --key NAME.pub, or a configuration "
                   "with plugins.trusted_keys"};
    }
  }
  trust.required = true;
  return trust;
}

Result<Sha256Digest> digest_of(const std::string& path) {
  EDDY_ASSIGN(const FileDescriptor fd, open_in_place(path, true));
  EDDY_ASSIGN(const std::string bytes, read_content(fd));
  return sha256(bytes);
}

Result<int> verify(const VerifyOptions& options) {
  EDDY_ASSIGN(const Trust trust, trust_of(options));
  const auto digest = digest_of(options.file);
  if (!digest) return in_context(options.file, digest.error());
  const auto signer = check_signature(options.file, *digest, trust, true);
  if (options.common.json) {
    print_json({{"file", options.file},
                {"sha256", to_hex(*digest)},
                {"good", signer.ok()},
                {"signed_by", signer_json(signer ? *signer : Signer{})},
                {"reason", signer ? "" : signer.error().text}});
  }
  if (!signer) return in_context(options.file, signer.error());
  if (options.common.json) return kExitDone;
  print(options.file + ": good, signed by " + signer->name + " (" + signer->key + ")" +
        (signer->comment.empty() ? "" : ": " + signer->comment) + "\n");
  return kExitDone;
}

}  // namespace

void add_plugin_verify(CommandLine& line, CLI::App& plugin) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = plugin.add_subcommand("verify", "Check FILE.sig with keys, or with those of the configuration");
  command->add_option("FILE", options->file, "Plugin (.so)")->required();
  command->add_option("--key", options->keys, "A NAME.pub, or its line; may be repeated")->allow_extra_args(false);
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = verify(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
