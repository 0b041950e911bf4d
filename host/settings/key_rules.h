// SPDX-License-Identifier: Apache-2.0
// What checks of the rules between keys have in common: finding what is given, and saying at its place what is wrong.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "settings/given.h"
#include "settings/mask.h"
#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

class KeyRules {
 protected:
  KeyRules(const Settings& settings, Report& report) : settings_(settings), report_(report) {}

  // `of`: the listener, "admin" or "ingest".
  void check_tls_of(const std::string& of, const TlsSettings& tls) {
    needs(of + ".tls.certificate", !tls.certificate.empty() && tls.key.empty(), of + ".tls.key");
    for (const std::string& key : {of + ".tls.key", of + ".tls.client_ca"}) {
      const Given* given = find(key);
      const bool used = given != nullptr && given->value != Value(std::string());
      needs(key, used && tls.certificate.empty(), of + ".tls.certificate");
    }
    const bool asked = tls.client_certificates != ClientCertificates::kNone;
    needs(of + ".tls.client_certificates", asked && tls.certificate.empty(), of + ".tls.certificate");
    needs(of + ".tls.client_certificates", asked && tls.client_ca.empty(), of + ".tls.client_ca");
  }

  // Of an entry of a list: names are there, and each once.
  void check_name(const Settings::Section& section, const std::string& where, const std::string& name,
                  std::set<std::string>& names) {
    if (name.empty()) at(section, "name", where + ".name: expected a name, found nothing");
    if (!name.empty() && !names.insert(name).second) {
      at(section, "name", where + ".name: " + name + " is given twice; rename one of them");
    }
  }

  void check_expires(const Settings::Section& section, const std::string& where, const std::string& expires) {
    if (expires.empty() || from_rfc3339(expires)) return;
    at(section, "expires",
       where + ".expires: expected a time such as 2027-01-31T00:00:00Z, found " + mask_text(expires));
  }

  void needs(std::string_view key, bool wrong, std::string_view other) {
    if (!wrong) return;
    if (const Given* given = find(key)) add(*given, std::string(key) + ": needs " + std::string(other) + " as well");
  }

  // At the key if it is given, else at its entry.
  void at(const Settings::Section& section, std::string_view key, std::string text) {
    const Given* given = find_given(section.given, key);
    report_.add(given != nullptr ? mark_of(*given) : mark_of(section.line, section.column), std::move(text));
  }

  const Given* find(std::string_view path) const { return find_given(settings_.given, path); }
  void add(const Given& given, std::string text) { report_.add(mark_of(given), std::move(text)); }

  const Settings& settings_;
  Report& report_;
};

}  // namespace eddy::host
