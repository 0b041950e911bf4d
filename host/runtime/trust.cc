// SPDX-License-Identifier: Apache-2.0
#include "runtime/trust.h"

#include "base/log.h"
#include "plugin/key_file.h"
#include "settings/given.h"
#include "settings/load.h"

namespace eddy::host {

namespace {

constexpr std::string_view kPath = "plugins.trusted_keys";

Error at_place(const Settings& settings, std::size_t index, const std::string& text) {
  const Given* given = find_given(settings.given, kPath);
  const Finding finding{settings.file, given != nullptr ? given->line : 0, given != nullptr ? given->column : 0,
                        std::string(kPath) + "[" + std::to_string(index) + "]: " + text};
  return Error{Code::kConfig, finding.message()};
}

}  // namespace

Result<Trust> open_trust(const Settings& settings) {
  Trust trust;
  trust.required = settings.require_signature;
  for (std::size_t i = 0; i < settings.trusted_keys.size(); ++i) {
    const std::string& entry = settings.trusted_keys[i];
    Result<PublicKey> key = looks_like_public_key(entry) ? parse_public_key(entry) : read_public_key(entry, false);
    if (!key) return at_place(settings, i, key.error().text);
    trust.keys.push_back(*std::move(key));
  }
  return trust;
}

std::string signed_by(const Signer& signer, const Settings& settings) {
  if (!signer.key.empty()) return ", signed by " + signer.name + " (" + signer.key + ")";
  return settings.trusted_keys.empty() ? "" : ", not signed";
}

void tell_distrusted(const Registry& registry, const Trust& trust) {
  for (const PluginStatus& plugin : registry.statuses()) {
    const Signer& signer = plugin.identity.signer;
    if (plugin.generation == 0 || trust.accepts(signer)) continue;
    const std::string why = signer.key.empty() ? "though it is not signed"
                                               : "though key " + signer.key + " (" + signer.name +
                                                     "), which signed it, is not trusted any more";
    log(LogLevel::kWarn, plugin.identity.name,
        "goes on, " + why + ": until its file is replaced or removed, or the host is restarted");
  }
}

}  // namespace eddy::host
