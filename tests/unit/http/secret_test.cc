// SPDX-License-Identifier: Apache-2.0
#include "http/secret.h"

#include <gtest/gtest.h>

#include "http/credentials.h"

namespace eddy::host {
namespace {

TEST(Secret, AMadeTokenHasTheHashThatIsGiven) {
  const NewToken made = make_token();
  const auto digest = digest_of_hash(made.hash);
  ASSERT_TRUE(digest);
  EXPECT_TRUE(same_digest(*digest, token_digest(made.token)));
  EXPECT_FALSE(same_digest(*digest, token_digest(made.token + "x")));
}

TEST(Secret, OtherTextsAreNoHash) {
  const std::string digits(64, 'a');
  EXPECT_TRUE(digest_of_hash("sha256:" + digits));
  for (const std::string& text : {std::string(), digits, "sha256:" + digits.substr(1), "sha256:" + digits + "aa",
                                  "sha256:" + std::string(64, 'g'), "sha256: " + digits, "sha512:" + digits}) {
    EXPECT_FALSE(digest_of_hash(text)) << text;
  }
}

TEST(Credentials, ABearerTokenStandsBehindItsScheme) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER  abc "), "abc");
  for (const char* header : {"", "Bearer", "Bearer ", "Basic abc", "abc"})
    EXPECT_EQ(bearer_token(header), "") << header;
}

TEST(Credentials, NamesOfOthersDoNotBreakALine) {
  EXPECT_EQ(printable("/CN=ann\n\x1b[31m"), "/CN=ann??[31m");
  EXPECT_EQ(printable(std::string(1000, 'x')).size(), kLongestPeerName);
}

TEST(Credentials, AnIpv6NetworkIsOneAccount) {
  EXPECT_EQ(address_account("2001:db8:0:1::5"), address_account("2001:db8:0:1:ffff::6"));
  EXPECT_NE(address_account("2001:db8:0:1::5"), address_account("2001:db8:0:2::5"));
  EXPECT_NE(address_account("10.0.0.1"), address_account("10.0.0.2"));
}

}  // namespace
}  // namespace eddy::host
