// SPDX-License-Identifier: Apache-2.0
// eddy plugin sign: FILE.sig beside FILE.
#include "base/hash.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "plugin/content.h"
#include "plugin/key_file.h"
#include "plugin/place.h"

namespace eddy::host {

namespace {

struct SignOptions {
  std::string file;
  std::string key;
  std::string comment;
  bool json = false;
};

Result<std::string> read_plugin(const std::string& path) {
  EDDY_ASSIGN(const FileDescriptor fd, open_in_place(path, true));
  return read_content(fd);
}

Result<int> sign_file(const SignOptions& options) {
  EDDY_ASSIGN(const SecretKey key, read_secret_key(options.key));
  const auto bytes = read_plugin(options.file);
  if (!bytes) return in_context(options.file, bytes.error());
  const Sha256Digest digest = sha256(*bytes);
  EDDY_ASSIGN(const Signature signature, sign(key, digest, options.comment));
  EDDY_TRY(write_signature(options.file, signature));
  const std::string name = key.public_key().name;
  const std::string written = options.file + std::string(kSignatureSuffix);
  if (options.json) {
    print_json({{"file", options.file},
                {"signature", written},
                {"sha256", to_hex(digest)},
                {"signed_by", signer_json({signature.key, name, signature.comment})}});
    return kExitDone;
  }
  print(written + ": signed by " + name + " (" + signature.key + "), sha256 " + to_hex(digest) + "\n");
  return kExitDone;
}

}  // namespace

void add_plugin_sign(CommandLine& line, CLI::App& plugin) {
  auto options = std::make_shared<SignOptions>();
  CLI::App* command = plugin.add_subcommand("sign", "Sign a plugin file: writes FILE.sig");
  command->add_option("FILE", options->file, "Plugin (.so)")->required();
  command->add_option("--key", options->key, "NAME.key, as eddy plugin keygen has made it")->required();
  command->add_option("--comment", options->comment, "One line that is signed with the file");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&line, options] {
    const auto done = sign_file(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
