// SPDX-License-Identifier: Apache-2.0
#include "settings/admin_rules.h"

#include <algorithm>
#include <array>
#include <set>

#include "settings/address.h"
#include "settings/ingest_rules.h"
#include "settings/key_rules.h"

namespace eddy::host {
namespace {

constexpr std::array<std::string_view, 3> kRights = {"view", "operate", "reveal"};

class AdminRules : KeyRules {
 public:
  AdminRules(const Settings& settings, Report& report) : KeyRules(settings, report), admin_(settings.admin) {}

  void check() {
    // The default is loopback, so a listener beyond it is always given.
    if (const Given* listen = find("admin.listen")) {
      if (std::string text = admin_exposure(admin_); !text.empty()) add(*listen, std::move(text));
    }
    check_tls();
    if (const Given* rights = find("admin.tls.rights")) {
      if (std::string text = wrong_rights(admin_.certificate_rights); !text.empty()) {
        add(*rights, "admin.tls.rights: " + text);
      }
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < admin_.tokens.size(); ++i) {
      // What has no key at all has had its finding.
      if (!settings_.admin_token_sections[i].given.empty()) check_token(i, names);
    }
  }

 private:
  void check_tls() {
    check_tls_of("admin", admin_.tls);
    const bool asked = admin_.tls.client_certificates != ClientCertificates::kNone;
    const Given* rights = find("admin.tls.rights");
    needs("admin.tls.rights", rights != nullptr && rights->value != rights->field->fallback && !asked,
          "admin.tls.client_certificates");
  }

  void check_token(std::size_t index, std::set<std::string>& names) {
    const AdminTokenSettings& token = admin_.tokens[index];
    const Settings::Section& section = settings_.admin_token_sections[index];
    const std::string where = "admin.tokens[" + std::to_string(index) + "]";
    check_name(section, where, token.name, names);
    check_secret(section, token, where);
    if (std::string text = wrong_rights(token.rights); !text.empty()) at(section, "rights", where + ".rights: " + text);
    check_expires(section, where, token.expires);
  }

  void check_secret(const Settings::Section& section, const AdminTokenSettings& token, const std::string& where) {
    const Given* secret = find_given(section.given, "secret");
    const Given* hash = find_given(section.given, "hash");
    if ((secret != nullptr) == (hash != nullptr)) {
      at(section, "hash",
         where + ": expected either hash or secret, found " + (hash != nullptr ? "both" : "none") +
             "; make one with: eddy token new --admin NAME");
    } else if (secret != nullptr) {
      if (secret->shown == kMasked) {
        at(section, "secret",
           where +
               ".secret: expected a variable of the environment, such as ${EDDY_OPERATOR_TOKEN}, without a default, "
               "found a text; in the file itself give the hash");
      } else if (token.secret.size() < kShortestSecret) {
        at(section, "secret",
           where + ".secret: expected at least " + std::to_string(kShortestSecret) + " characters, found " +
               std::to_string(token.secret.size()));
      }
    } else if (!is_token_hash(token.hash) || token.hash.starts_with('$')) {
      at(section, "hash",
         where +
             ".hash: expected \"sha256:\" and 64 hexadecimal digits, found another text; make one "
             "with: eddy token new --admin NAME");
    }
  }

  static std::string wrong_rights(const std::vector<std::string>& rights) {
    if (rights.empty()) return "expected view, operate or reveal, found an empty list";
    for (const std::string& right : rights) {
      if (std::find(kRights.begin(), kRights.end(), right) == kRights.end()) {
        return "expected view, operate or reveal, found " + mask_text(right);
      }
    }
    return "";
  }

  const AdminSettings& admin_;
};

}  // namespace

void check_admin_rules(const Settings& settings, Report& report) { AdminRules(settings, report).check(); }

std::string admin_exposure(const AdminSettings& settings) {
  const auto address = parse_listen(settings.listen);
  if (!address || is_loopback(address->host) || settings.authenticates()) return "";
  return "admin.listen: expected a loopback address (127.0.0.1, [::1] or localhost), found " + settings.listen +
         "; beyond loopback everybody could operate the host: add admin.tokens (make one with: eddy token new --admin "
         "NAME) or admin.tls.client_certificates: required";
}

}  // namespace eddy::host
