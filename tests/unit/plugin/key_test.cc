// SPDX-License-Identifier: Apache-2.0
#include "plugin/key.h"

#include "base/encoding.h"
#include "keys.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// RFC 8032 section 7.1, test 2.
const char* const kSeed =
    "\x4c\xcd\x08\x9b\x28\xff\x96\xda\x9d\xb6\xc3\x46\xec\x11\x4e\x0f\x5b\x8a\x31\x9f\x35\xab\xa6"
    "\x24\xda\x8c\xf6\xed\x4f\xb8\xa6\xfb";
constexpr const char* kPublic = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr const char* kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
    "0d"
    "291612bb0c00";

std::string hex(const auto& bytes) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string key_refusal(const std::string& line) {
  const Result<PublicKey> key = parse_public_key(line);
  return key ? "a key" : key.error().text;
}

TEST(Key, SignsAsTheStandardSays) {
  const auto key = SecretKey::parse("eddy-secret-key-v1 " + to_base64({kSeed, 32}) + " rfc8032");
  ASSERT_TRUE(key) << key.error().text;
  EXPECT_EQ(hex(key->public_key().bytes), kPublic);
  EXPECT_EQ(hex(key->sign("\x72")), kSignature);
  EXPECT_TRUE(key->public_key().verifies("\x72", key->sign("\x72")));
  EXPECT_FALSE(key->public_key().verifies("\x73", key->sign("\x72")));
}

TEST(Key, ComesBackFromItsText) {
  const SecretKey key = SecretKey::generate("ops-2026");
  const auto secret = SecretKey::parse(key.text() + "\n");
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->text(), key.text());
  const auto open = parse_public_key(key.public_key().text() + "\n");
  ASSERT_TRUE(open) << open.error().text;
  EXPECT_EQ(open->name, "ops-2026");
  EXPECT_EQ(open->bytes, key.public_key().bytes);
  EXPECT_THAT(open->id(), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(open->id(), SecretKey::generate("ops-2026").public_key().id());
  EXPECT_TRUE(looks_like_public_key(open->text()));
  EXPECT_FALSE(looks_like_public_key("keys/eddy-public-key-v1.pub"));
}

TEST(Key, SaysWhatIsWrongWithALine) {
  const std::string base64 = to_base64({kSeed, 32});
  EXPECT_THAT(key_refusal(""), HasSubstr("found another first word; make a pair with: eddy plugin keygen NAME"));
  EXPECT_THAT(key_refusal("eddy-public-key-v2 " + base64 + " a"), HasSubstr("found another first word"));
  EXPECT_THAT(key_refusal("eddy-public-key-v1 " + base64), HasSubstr("found a line of another form"));
  EXPECT_THAT(key_refusal("eddy-public-key-v1  a"), HasSubstr("found other bytes"));
  EXPECT_THAT(key_refusal("eddy-public-key-v1 " + to_base64({kSeed, 31}) + " a"), HasSubstr("found other bytes"));
  EXPECT_THAT(key_refusal("eddy-public-key-v1 " + base64 + " a b"), HasSubstr("found a name of other characters"));
  EXPECT_THAT(key_refusal("eddy-public-key-v1 " + base64 + " a\n\n"), HasSubstr("found a name of other characters"));
  // Everything would be signed by the neutral element.
  const std::string neutral = std::string(1, '\x01') + std::string(31, '\0');
  EXPECT_THAT(key_refusal("eddy-public-key-v1 " + to_base64(neutral) + " a"),
              HasSubstr("bytes that are no Ed25519 key"));
}

TEST(Key, NeverRepeatsASecret) {
  const std::string base64 = to_base64({kSeed, 32});
  const auto key = SecretKey::parse("eddy-secret-key-v1 " + base64);
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().text, AllOf(HasSubstr("eddy-secret-key-v1"), Not(HasSubstr(base64))));
}

TEST(KeyFile, AreWrittenForTheirReadersAndNeverOverwritten) {
  const TempDir directory;
  const SecretKey key = SecretKey::generate("ops");
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write_key_pair(directory / "ops", key));
  ::umask(before);
  struct stat status;
  ASSERT_EQ(::stat((directory / "ops.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  ASSERT_EQ(::stat((directory / "ops.pub").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644u);
  EXPECT_EQ(read_secret_key(directory / "ops.key")->text(), key.text());
  EXPECT_EQ(read_public_key(directory / "ops.pub", false)->bytes, key.public_key().bytes);

  const Result<void> again = write_key_pair(directory / "ops", SecretKey::generate("ops"));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text, HasSubstr("ops.key: expected no file of this name, found one"));
  EXPECT_EQ(read_secret_key(directory / "ops.key")->text(), key.text());
}

TEST(KeyFile, NoHalfOfAPairIsLeftBehind) {
  const TempDir directory;
  directory.write("ops.pub", "somebody's");
  EXPECT_FALSE(write_key_pair(directory / "ops", SecretKey::generate("ops")));
  EXPECT_FALSE(fs::exists(directory / "ops.key"));
  EXPECT_EQ(bytes_of(directory / "ops.pub"), "somebody's");
}

TEST(KeyFile, ASecretThatOthersCanReadIsNone) {
  const TempDir directory;
  ASSERT_TRUE(write_key_pair(directory / "ops", SecretKey::generate("ops")));
  ::chmod((directory / "ops.key").c_str(), 0640);
  const auto key = read_secret_key(directory / "ops.key");
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().text, HasSubstr("expected a key that only its owner can read, found mode 0640; chmod 600"));
}

TEST(KeyFile, AKeyThatOthersCanWriteIsNotTrusted) {
  const TempDir directory;
  ASSERT_TRUE(write_key_pair(directory / "ops", SecretKey::generate("ops")));
  ::chmod((directory / "ops.pub").c_str(), 0666);
  EXPECT_TRUE(read_public_key(directory / "ops.pub", true));
  const auto key = read_public_key(directory / "ops.pub", false);
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().text, HasSubstr("found mode 0666"));
}

}  // namespace
}  // namespace eddy::host
