// SPDX-License-Identifier: Apache-2.0
#include "plugin/signature.h"

#include <random>

#include "base/encoding.h"
#include "keys.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SignatureTest : public testing::Test {
 protected:
  static std::string refusal(const std::string& text) {
    const Result<Signature> signature = parse_signature(text);
    if (signature) return "a signature";
    EXPECT_EQ(signature.error().code, Code::kRefused);
    EXPECT_THAT(signature.error().text,
                StartsWith("expected a signature of the form eddy-plugin-signature-v1, found "));
    return signature.error().text;
  }
  bool good(const std::string& text) const {
    const Result<Signature> signature = parse_signature(text);
    return signature && signature->key == key_.public_key().id() && signature->is_by(key_.public_key(), sha256(file_));
  }

  const SecretKey key_ = SecretKey::generate("ops");
  const std::string file_ = "the bytes of a plugin";
  const std::string text_ = signature_text(key_, file_, "release 1.2.0");
};

TEST_F(SignatureTest, ComesBackFromItsText) {
  ASSERT_TRUE(good(text_));
  const Result<Signature> signature = parse_signature(text_);
  EXPECT_EQ(signature->text(), text_);
  EXPECT_EQ(signature->comment, "release 1.2.0");
  EXPECT_TRUE(good(signature_text(key_, file_)));
}

// The text that TRUST.md shows, made elsewhere: releases to come must still read it.
TEST_F(SignatureTest, TheFormatIsFrozen) {
  const std::string seed(32, '\x07');
  const auto key = SecretKey::parse("eddy-secret-key-v1 " + to_base64(seed) + " example");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key().text(), "eddy-public-key-v1 6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw= example");
  EXPECT_EQ(signature_text(*key, "plugin\n", "first release"), bytes_of(EDDY_SIGNATURE_EXAMPLE));
}

TEST_F(SignatureTest, BelongsToOneFileOneKeyAndOneComment) {
  const Result<Signature> signature = parse_signature(text_);
  ASSERT_TRUE(signature);
  EXPECT_FALSE(signature->is_by(key_.public_key(), sha256(file_ + ".")));
  EXPECT_FALSE(signature->is_by(SecretKey::generate("ops").public_key(), sha256(file_)));
  Signature other = *signature;
  other.comment = "release 1.2.1";
  EXPECT_FALSE(other.is_by(key_.public_key(), sha256(file_)));
  other.comment = "";
  EXPECT_FALSE(other.is_by(key_.public_key(), sha256(file_)));
}

TEST_F(SignatureTest, SaysWhatIsWrongWithAFile) {
  const std::string first = "eddy-plugin-signature-v1\n";
  const std::string key = "key: 0123456789abcdef\n";
  const std::string bytes = "signature: " + to_base64(std::string(64, 'x')) + "\n";
  EXPECT_EQ(refusal(first + key + bytes), "a signature");
  EXPECT_THAT(refusal(""), HasSubstr("found another first line; copy it again, or sign the plugin again"));
  EXPECT_THAT(refusal("-----BEGIN PGP SIGNATURE-----\n"), HasSubstr("found another first line"));
  EXPECT_THAT(refusal("eddy-plugin-signature-v2\n" + key + bytes), HasSubstr("found version 2 of it"));
  EXPECT_THAT(refusal("eddy-plugin-signature-v1\r\n" + key + bytes), HasSubstr("found another first line"));
  EXPECT_THAT(refusal(first), HasSubstr("found no line \"key: \""));
  EXPECT_THAT(refusal(first + "key: 0123456789ABCDEF\n" + bytes), HasSubstr("found no line \"key: \""));
  EXPECT_THAT(refusal(first + bytes + key), HasSubstr("found no line \"key: \""));
  EXPECT_THAT(refusal(first + key), HasSubstr("found no line \"signature: \""));
  EXPECT_THAT(refusal(first + key + "signature: " + to_base64(std::string(63, 'x')) + "\n"),
              HasSubstr("found no line \"signature: \""));
  EXPECT_THAT(refusal(first + key + bytes + "comment: \n"), HasSubstr("found a comment"));
  EXPECT_THAT(refusal(first + key + bytes + "comment: a\tb\n"), HasSubstr("found a comment"));
  EXPECT_THAT(refusal(first + key + bytes + "comment: \xff\n"), HasSubstr("found a comment"));
  EXPECT_THAT(refusal(first + key + bytes + "comment: " + std::string(257, 'c') + "\n"), HasSubstr("found a comment"));
  EXPECT_THAT(refusal(first + key + bytes + "\n"), HasSubstr("found more behind it"));
  EXPECT_THAT(refusal(first + key + bytes + "comment: a"), HasSubstr("found more behind it"));
}

TEST_F(SignatureTest, SignsNoCommentThatCouldNotBeRead) {
  for (const std::string& comment : {std::string("two\nlines"), std::string(257, 'c'), std::string("\xff")}) {
    const Result<Signature> signature = sign(key_, sha256(file_), comment);
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().code, Code::kUsage);
  }
}

TEST_F(SignatureTest, EveryCutAndEveryChangedBitIsRefused) {
  for (std::size_t size = 0; size < text_.size(); ++size) EXPECT_FALSE(good(text_.substr(0, size))) << size;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = text_;
      text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1u << bit));
      EXPECT_FALSE(good(text)) << at << " " << bit;
    }
  }
}

TEST_F(SignatureTest, RandomDamageIsRefused) {
  std::mt19937 random(20261128);
  for (int i = 0; i < 5000; ++i) {
    std::string text = text_;
    const std::size_t changes = 1 + random() % 4;
    for (std::size_t n = 0; n < changes; ++n) {
      const std::size_t at = random() % text.size();
      const std::size_t size = 1 + random() % 8;
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.insert(at, std::string(size, static_cast<char>(random())));
          break;
        case 2:
          text.erase(at, std::min(size, text.size() - 1));
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), size));
      }
    }
    EXPECT_EQ(good(text), text == text_) << text;
  }
}

}  // namespace
}  // namespace eddy::host
