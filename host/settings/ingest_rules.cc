// SPDX-License-Identifier: Apache-2.0
#include "settings/ingest_rules.h"

#include <set>

#include "settings/address.h"
#include "settings/key_rules.h"

namespace eddy::host {
namespace {

constexpr std::string_view kSha256 = "sha256:";
constexpr std::string_view kArgon2id = "$argon2id$";
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kLongestArgon2id = 127;  // what libsodium verifies

constexpr std::string_view kHashForm =
    "expected \"sha256:\" and 64 hexadecimal digits, or an argon2id string; make one with: eddy token new NAME";

// "https://app.example.com", "http://localhost:3000": no path, no slash at the end, as browsers send it.
bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(colon + 3);
  return !host.empty() && host.find_first_of("/?#* ") == std::string_view::npos;
}

class IngestRules : KeyRules {
 public:
  IngestRules(const Settings& settings, Report& report) : KeyRules(settings, report), ingest_(settings.ingest) {}

  void check() {
    check_listener();
    check_tls_of("ingest", ingest_.tls);
    check_jwt();
    std::set<std::string> names;
    for (std::size_t i = 0; i < ingest_.tokens.size(); ++i) {
      // What has no key at all has had its finding.
      if (!settings_.token_sections[i].given.empty()) check_token(i, names);
    }
    if (const Given* origins = find("ingest.cors.origins")) check_origins(*origins);
  }

 private:
  // The default is loopback, so a listener beyond it is always given.
  void check_listener() {
    const Given* listen = find("ingest.listen");
    if (listen == nullptr || ingest_.listen.empty() || ingest_.authenticates()) return;
    const auto address = parse_listen(ingest_.listen);
    if (!address || is_loopback(address->host)) return;
    add(*listen, "ingest.listen: expected a loopback address (127.0.0.1, [::1] or localhost), found " + ingest_.listen +
                     "; beyond loopback everybody could send: add ingest.tokens (make one with: eddy token new NAME), "
                     "ingest.jwt or ingest.tls.client_certificates: required");
  }

  void check_jwt() {
    const JwtSettings& jwt = ingest_.jwt;
    if (!jwt.keys.empty() && !jwt.jwks.empty()) {
      add(*find("ingest.jwt.jwks"), "ingest.jwt.jwks: expected either ingest.jwt.keys or ingest.jwt.jwks, found both");
    }
    // An issuer without keys reads as if tokens were checked, and none would be.
    for (const std::string_view key : {"ingest.jwt.issuer", "ingest.jwt.audience", "ingest.jwt.require_scope"}) {
      const Given* given = find(key);
      const bool used = given != nullptr && given->value != given->field->fallback;
      needs(key, used && !jwt.enabled(), "ingest.jwt.keys or ingest.jwt.jwks");
    }
  }

  void check_token(std::size_t index, std::set<std::string>& names) {
    const TokenSettings& token = ingest_.tokens[index];
    const Settings::Section& section = settings_.token_sections[index];
    const std::string where = "ingest.tokens[" + std::to_string(index) + "]";
    check_name(section, where, token.name, names);
    if (token.hash == kMasked) {
      at(section, "hash", where + ".hash: expected the hash, found the mask that is shown instead of it");
    } else if (!is_token_hash(token.hash)) {
      const char* found = token.hash.empty() ? ", found nothing" : ", found another text";
      at(section, "hash", where + ".hash: " + std::string(kHashForm) + found);
    }
    if (token.routes.empty()) {
      at(section, "routes", where + ".routes: expected at least one route, or \"*\" for all, found an empty list");
    }
    check_expires(section, where, token.expires);
  }

  void check_origins(const Given& given) {
    for (const std::string& origin : ingest_.cors_origins) {
      if (is_origin(origin)) continue;
      add(given, "ingest.cors.origins: expected scheme://host or scheme://host:port without a path, or \"*\", found " +
                     mask_text(origin));
    }
  }

  const IngestSettings& ingest_;
};

}  // namespace

bool is_token_hash(std::string_view text) {
  if (text.starts_with(kArgon2id)) return text.size() > kArgon2id.size() && text.size() <= kLongestArgon2id;
  if (!text.starts_with(kSha256)) return false;
  text.remove_prefix(kSha256.size());
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

void check_ingest_rules(const Settings& settings, Report& report) { IngestRules(settings, report).check(); }

}  // namespace eddy::host
