// SPDX-License-Identifier: Apache-2.0
// The keys of the ingest listener and of its tokens.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using I = IngestSettings;

template <auto... Members>
Field ingest(Field field) {
  return stored<&Settings::ingest, Members...>(std::move(field));
}

void add_ingest_listener(std::vector<Field>& all) {
  all.push_back(ingest<&I::listen>(
      {.path = "ingest.listen",
       .fallback = I().listen,
       .doc =
           "Address of the ingest listener; `false`: none. Beyond loopback it needs `ingest.tokens`, `ingest.jwt` or "
           "required client certificates.",
       .listen_address = true,
       .may_be_off = true}));
  all.push_back(ingest<&I::max_body_bytes>(
      integer("ingest.max_body_bytes", 10 << 20, 1, 1024 * kMiB, "bytes",
              "Largest body of a request, before and after decompression; a larger one is answered 413.")));
  all.push_back(ingest<&I::max_connections>(integer("ingest.max_connections", 4096, 1, 1'000'000, "",
                                                    "Most connections at a time; further ones are closed.")));
  all.push_back(
      ingest<&I::header_timeout_ms>(integer("ingest.header_timeout_ms", 10'000, 1, 3'600'000, "ms",
                                            "Longest time from a request's first byte to its headers' end.")));
  all.push_back(
      ingest<&I::body_timeout_ms>(integer("ingest.body_timeout_ms", 30'000, 1, 3'600'000, "ms",
                                          "Longest time for a body, and a second more for every KiB of it.")));
  all.push_back(ingest<&I::idle_timeout_ms>(integer("ingest.idle_timeout_ms", 60'000, 1, 86'400'000, "ms",
                                                    "Longest pause between two requests of a connection.")));
  all.push_back(ingest<&I::access_log>(flag("ingest.access_log", false, "Write a line to the log for each request.")));
  all.push_back(ingest<&I::cors_origins>(
      texts("ingest.cors.origins", {},
            "Origins whose pages may send, such as `https://app.example.com`; `*`: all; none: no CORS headers.")));
}

void add_tls(std::vector<Field>& all) {
  using T = TlsSettings;
  all.push_back(ingest<&I::tls, &T::certificate>(
      text("ingest.tls.certificate", "", "File of the server's certificate and its chain, PEM; empty: no TLS.")));
  all.push_back(ingest<&I::tls, &T::key>(text("ingest.tls.key", "", "File of the certificate's private key, PEM.")));
  all.push_back(ingest<&I::tls, &T::client_ca>(
      text("ingest.tls.client_ca", "", "File of the authorities that sign client certificates, PEM.")));
  all.push_back(ingest<&I::tls, &T::client_certificates>(
      choice("ingest.tls.client_certificates", "none", {"none", "optional", "required"},
             "`required`: only clients with a certificate are let in; `optional`: one stands in for a token.")));
}

void add_jwt(std::vector<Field>& all) {
  using J = JwtSettings;
  all.push_back(ingest<&I::jwt, &J::keys>(texts(
      "ingest.jwt.keys", {}, "Files of public keys, PEM; JSON Web Tokens that one of them has signed are let in.")));
  all.push_back(ingest<&I::jwt, &J::jwks>(
      text("ingest.jwt.jwks", "", "File of a JSON Web Key Set instead; a token's `kid` chooses its key.")));
  all.push_back(ingest<&I::jwt, &J::algorithm>(choice("ingest.jwt.algorithm", "RS256", {"RS256", "ES256"},
                                                      "The only algorithm that is accepted, whatever a token says.")));
  all.push_back(
      ingest<&I::jwt, &J::issuer>(text("ingest.jwt.issuer", "", "What `iss` must be; empty: not asked for.")));
  all.push_back(ingest<&I::jwt, &J::audience>(
      text("ingest.jwt.audience", "", "What `aud` must be or have; empty: not asked for.")));
  all.push_back(ingest<&I::jwt, &J::leeway_s>(
      integer("ingest.jwt.leeway_s", 60, 0, 3600, "s", "How far the clocks of issuer and host may differ.")));
  all.push_back(ingest<&I::jwt, &J::require_scope>(
      flag("ingest.jwt.require_scope", false,
           "Refuse tokens without a scope `eddy:ingest:GLOB`; else those may use every route. A token with such scopes "
           "may use what they match.")));
}

void add_rate(std::vector<Field>& all) {
  using R = RateSettings;
  all.push_back(ingest<&I::rate, &R::requests_per_second>(
      integer("ingest.rate.requests_per_second", 0, 0, 1'000'000'000, "requests per second",
              "Of one token, or of one client address where nobody has to prove who it is; above it requests are "
              "answered 429; 0 sets no limit.")));
  all.push_back(ingest<&I::rate, &R::records_per_second>(
      integer("ingest.rate.records_per_second", 0, 0, 1'000'000'000, "records per second", "The same for records.")));
  all.push_back(ingest<&I::rate, &R::burst_s>(
      number("ingest.rate.burst_s", 1.0, 0.1, 3600, "How many seconds' worth of both may come at once.")));
}

}  // namespace

void add_ingest(std::vector<Field>& all) {
  add_ingest_listener(all);
  add_tls(all);
  add_jwt(all);
  add_rate(all);
}

std::vector<Field> token_fields() {
  using T = TokenSettings;
  return {
      stored<&T::name>(text("name", "", "What it is called in the log; not a secret.")),
      stored<&T::hash>({.path = "hash",
                        .fallback = ""s,
                        .doc = "`sha256:` and the token's SHA-256 in hexadecimal, or an argon2id string "
                               "(`$argon2id$…`) for a token that people chose.",
                        .secret = true,
                        .hidden = true}),
      stored<&T::routes>(texts("routes", T().routes,
                               "Globs on the routes it may use: `movies`, `movies/2`, `*`; others are answered 403.")),
      stored<&T::expires>(text("expires", "", "RFC 3339 time from which on it is refused; empty: never."))};
}

}  // namespace eddy::host
