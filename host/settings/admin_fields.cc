// SPDX-License-Identifier: Apache-2.0
// The keys of the admin listener and of its tokens.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using A = AdminSettings;

template <auto... Members>
Field admin(Field field) {
  return stored<&Settings::admin, Members...>(std::move(field));
}

void add_admin_listener(std::vector<Field>& all) {
  all.push_back(admin<&A::listen>(
      {.path = "admin.listen",
       .fallback = A().listen,
       .doc = "Address of metrics, health, readiness, the API for operators and the console. Beyond loopback it needs "
              "`admin.tokens` or required client certificates.",
       .listen_address = true}));
  all.push_back(admin<&A::console>(flag("admin.console", true, "Serve the console, the page at `/`.")));
  all.push_back(
      admin<&A::open_metrics>(flag("admin.open_metrics", false,
                                   "Answer `/metrics` to everybody; else, where there are tokens, it needs one with "
                                   "the right `view`.")));
}

void add_admin_tls(std::vector<Field>& all) {
  using T = TlsSettings;
  all.push_back(admin<&A::tls, &T::certificate>(
      text("admin.tls.certificate", "", "File of the server's certificate and its chain, PEM; empty: no TLS.")));
  all.push_back(admin<&A::tls, &T::key>(text("admin.tls.key", "", "File of the certificate's private key, PEM.")));
  all.push_back(admin<&A::tls, &T::client_ca>(
      text("admin.tls.client_ca", "", "File of the authorities that sign client certificates, PEM.")));
  all.push_back(admin<&A::tls, &T::client_certificates>(
      choice("admin.tls.client_certificates", "none", {"none", "optional", "required"},
             "`required`: only clients with a certificate are let in; `optional`: one stands in for a token.")));
  all.push_back(admin<&A::certificate_rights>(
      texts("admin.tls.rights", A().certificate_rights,
            "What a client with a certificate and without a token may do: `view`, `operate`, `reveal`.")));
}

void add_audit(std::vector<Field>& all) {
  all.push_back(
      admin<&A::audit_max_mib>(integer("admin.audit.max_mib", 64, 1, 65'536, "MiB",
                                       "Size at which the audit log (`<data_dir>/audit.ndjson`) begins a new file.")));
  all.push_back(admin<&A::audit_files>(
      integer("admin.audit.files", 8, 1, 1000, "", "Older files of the audit log that are kept.")));
}

}  // namespace

void add_admin(std::vector<Field>& all) {
  add_admin_listener(all);
  add_admin_tls(all);
  add_audit(all);
}

std::vector<Field> admin_token_fields() {
  using T = AdminTokenSettings;
  return {stored<&T::name>(text("name", "", "What it is called in the audit log; not a secret.")),
          stored<&T::hash>({.path = "hash",
                            .fallback = ""s,
                            .doc = "`sha256:` and the token's SHA-256 in hexadecimal; `eddy token new --admin NAME` "
                                   "makes both.",
                            .secret = true,
                            .hidden = true}),
          stored<&T::secret>({.path = "secret",
                              .fallback = ""s,
                              .doc = "Instead of `hash`: the token itself, from the environment, such as "
                                     "`${EDDY_OPERATOR_TOKEN}`; at least 16 characters.",
                              .secret = true,
                              .hidden = true}),
          stored<&T::rights>(texts(
              "rights", T().rights,
              "What it lets its holder do: `view` (read, masked), `operate` (change something), `reveal` (see what "
              "`redact` masks).")),
          stored<&T::expires>(text("expires", "", "RFC 3339 time from which on it is refused; empty: never."))};
}

}  // namespace eddy::host
