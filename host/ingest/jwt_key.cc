// SPDX-License-Identifier: Apache-2.0
#include "ingest/jwt_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace eddy::host {
namespace {

using PlainJson = nlohmann::json;

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kCoordinate = 32;  // bytes of a number on P-256

Error config_error(std::string text) { return {Code::kConfig, std::move(text)}; }

Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || errno == EISDIR) {
    return config_error(path + ": cannot be read: " + std::strerror(errno != 0 ? errno : EIO));
  }
  return std::move(text).str();
}

// Empty: the key serves the algorithm.
std::string misfit(const EVP_PKEY* key, JwtAlgorithm algorithm) {
  if (algorithm == JwtAlgorithm::kRs256) {
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return "expected an RSA key for RS256, found another kind of key";
    const int bits = EVP_PKEY_get_bits(key);
    if (bits >= kLeastRsaBits) return "";
    return "expected an RSA key of 2048 bits at least, found " + std::to_string(bits);
  }
  std::array<char, 64> curve{};
  const bool is_p256 = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                       EVP_PKEY_get_group_name(key, curve.data(), curve.size(), nullptr) == 1 &&
                       std::string_view(curve.data()) == "prime256v1";
  return is_p256 ? "" : "expected a key on the curve P-256 for ES256, found another kind of key";
}

PublicKey parse_pem(const std::string& text) {
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
  const auto open = [&] { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free); };
  PublicKey key(PEM_read_bio_PUBKEY(open().get(), nullptr, nullptr, nullptr));
  if (key == nullptr) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(open().get(), nullptr, nullptr, nullptr), &X509_free);
    if (certificate != nullptr) key.reset(X509_get_pubkey(certificate.get()));
  }
  ERR_clear_error();
  return key;
}

PublicKey build(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder),
                                                                           &OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  const bool done = parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  PublicKey key(made);
  if (done) {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> check(
        EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr), &EVP_PKEY_CTX_free);
    if (EVP_PKEY_public_check(check.get()) != 1) key.reset();
  }
  ERR_clear_error();
  return done ? std::move(key) : nullptr;
}

using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

Number number_of(const std::string& bytes) {
  const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
  return {BN_bin2bn(begin, static_cast<int>(bytes.size()), nullptr), &BN_free};
}

PublicKey rsa_key(const std::string& modulus, const std::string& exponent) {
  const Builder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  const Number n = number_of(modulus), e = number_of(exponent);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return build("RSA", builder.get());
}

PublicKey p256_key(const std::string& x, const std::string& y) {
  if (x.size() != kCoordinate || y.size() != kCoordinate) return nullptr;
  const Builder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  const std::string point = '\x04' + x + y;
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return build("EC", builder.get());
}

// A set may serve several algorithms and uses.
bool is_meant(const PlainJson& key, JwtAlgorithm algorithm) {
  const std::string alg = text_at(key, "alg"), use = text_at(key, "use");
  if ((!alg.empty() && alg != algorithm_name(algorithm)) || (!use.empty() && use != "sig")) return false;
  if (algorithm == JwtAlgorithm::kRs256) return text_at(key, "kty") == "RSA";
  return text_at(key, "kty") == "EC" && text_at(key, "crv") == "P-256";
}

PublicKey key_of(const PlainJson& key, JwtAlgorithm algorithm) {
  const bool rsa = algorithm == JwtAlgorithm::kRs256;
  std::string first, second;
  if (!from_base64url(text_at(key, rsa ? "n" : "x"), first) || first.empty()) return nullptr;
  if (!from_base64url(text_at(key, rsa ? "e" : "y"), second) || second.empty()) return nullptr;
  return rsa ? rsa_key(first, second) : p256_key(first, second);
}

}  // namespace

std::string_view algorithm_name(JwtAlgorithm algorithm) {
  return algorithm == JwtAlgorithm::kRs256 ? "RS256" : "ES256";
}

bool from_base64url(std::string_view text, std::string& bytes) {
  bytes.clear();
  // libsodium 1.0.18 takes some of these for digits.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return false;
  bytes.resize(text.size());
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                       text.size(), nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  const bool whole = failed == 0 && end == text.data() + text.size();
  bytes.resize(whole ? size : 0);
  return whole;
}

Result<JwtKey> read_pem_key(const std::string& file, JwtAlgorithm algorithm) {
  EDDY_ASSIGN(const std::string text, read_file(file));
  if (text.find("PRIVATE KEY-----") != std::string::npos) {
    return config_error(file +
                        ": expected a public key, found a private one; it belongs to who signs the tokens, and " +
                        "this makes the public one: openssl pkey -in FILE -pubout");
  }
  JwtKey key{"", parse_pem(text)};
  if (key.key == nullptr) return config_error(file + ": expected a public key or a certificate as PEM, found none");
  if (const std::string wrong = misfit(key.key.get(), algorithm); !wrong.empty()) {
    return config_error(file + ": " + wrong + "; see ingest.jwt.algorithm");
  }
  return key;
}

Result<std::vector<JwtKey>> parse_jwks(std::string_view text, JwtAlgorithm algorithm) {
  const PlainJson set = PlainJson::parse(text, nullptr, false);
  const bool is_set = set.is_object() && set.contains("keys") && set["keys"].is_array();
  if (!is_set) return config_error("expected a JSON Web Key Set, {\"keys\": [...]}, found something else");
  std::vector<JwtKey> keys;
  for (const PlainJson& entry : set["keys"]) {
    if (!entry.is_object() || !is_meant(entry, algorithm)) continue;
    const std::string id = text_at(entry, "kid");
    PublicKey key = key_of(entry, algorithm);
    if (key == nullptr) return config_error("the key with kid \"" + id + "\" is damaged");
    if (std::string wrong = misfit(key.get(), algorithm); !wrong.empty()) {
      return config_error("the key with kid \"" + id + "\": " + wrong);
    }
    keys.push_back({id, std::move(key)});
  }
  if (keys.empty()) {
    return config_error("expected a key for " + std::string(algorithm_name(algorithm)) + ", found none among " +
                        std::to_string(set["keys"].size()) + "; see ingest.jwt.algorithm");
  }
  return keys;
}

Result<std::vector<JwtKey>> read_jwks(const std::string& file, JwtAlgorithm algorithm) {
  EDDY_ASSIGN(const std::string text, read_file(file));
  auto keys = parse_jwks(text, algorithm);
  if (!keys) return in_context(file, keys.take_error());
  return keys;
}

std::string text_at(const PlainJson& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace eddy::host
