// SPDX-License-Identifier: Apache-2.0
// Whose plugins are loaded: every way to say no, and what a change of the trusted keys does to what is there.
#include "plugin/trust.h"

#include "keys.h"

namespace eddy::host {
namespace {

using State = PluginStatus::State;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class TrustTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(install_guard()); }

  Result<Loader::Admitted> admit(Trust trust) const {
    Loader loader({});
    loader.set_trust(std::move(trust));
    return loader.admit(path_);
  }
  std::string refusal(Trust trust) const {
    const Result<Loader::Admitted> admitted = admit(std::move(trust));
    if (admitted) return "admitted " + admitted->identity.signer.name;
    EXPECT_THAT(admitted.error().text, StartsWith(path_ + ": signature: "));
    return admitted.error().text;
  }

  TempDir directory_;
  const SecretKey old_ = SecretKey::generate("old");
  const SecretKey new_ = SecretKey::generate("new");
  const std::string path_ = directory_.put("good");
  const std::string sig_ = path_ + ".sig";
};

TEST_F(TrustTest, NothingIsAskedForWithoutKeys) {
  EXPECT_EQ(refusal({}), "admitted ");
  directory_.write("good.so.sig", "no signature at all");
  EXPECT_EQ(refusal({}), "admitted ");
}

TEST_F(TrustTest, TakesASignatureOfAnyTrustedKey) {
  sign_in(directory_, "good.so", old_);
  EXPECT_EQ(refusal(trust_in({&old_})), "admitted old");
  EXPECT_EQ(refusal(trust_in({&new_, &old_})), "admitted old");
  sign_in(directory_, "good.so", new_);
  EXPECT_EQ(refusal(trust_in({&new_, &old_})), "admitted new");
}

TEST_F(TrustTest, RefusesAMissingOne) {
  EXPECT_THAT(refusal(trust_in({&old_})),
              HasSubstr("expected a signature of a trusted key in " + sig_ +
                        ", found no such file; sign it with: eddy " + "plugin sign " + path_ + " --key NAME.key"));
  EXPECT_EQ(refusal(trust_in({&old_}, false)), "admitted ");
}

TEST_F(TrustTest, RefusesOneOfAnUnknownKeyRequiredOrNot) {
  sign_in(directory_, "good.so", new_);
  for (const bool required : {true, false}) {
    EXPECT_THAT(refusal(trust_in({&old_}, required)),
                AllOf(HasSubstr("expected in " + sig_ + " the signature of a trusted key, " + old_.public_key().id() +
                                " (old), found one of key " + new_.public_key().id() + "; ")));
  }
  EXPECT_THAT(refusal(trust_in({})), HasSubstr("of which there is none"));
}

TEST_F(TrustTest, RefusesOneOverOtherBytesRequiredOrNot) {
  directory_.write("good.so.sig", signature_text(old_, bytes_of(zoo("good_v2"))));
  for (const bool required : {true, false}) {
    EXPECT_THAT(refusal(trust_in({&old_}, required)),
                HasSubstr("a signature of key " + old_.public_key().id() + " (old) over these bytes, found one over " +
                          "others, or a damaged one; copy the plugin and its signature again"));
  }
}

TEST_F(TrustTest, RefusesOneThatSaysAnotherKey) {
  std::string text = signature_text(new_, bytes_of(path_));
  text.replace(text.find(new_.public_key().id()), 16, old_.public_key().id());
  directory_.write("good.so.sig", text);
  EXPECT_THAT(refusal(trust_in({&old_, &new_})), HasSubstr("(old) over these bytes"));
}

TEST_F(TrustTest, RefusesAMalformedOneRequiredOrNot) {
  directory_.write("good.so.sig", "untrusted comment: minisign\n");
  for (const bool required : {true, false}) {
    EXPECT_THAT(refusal(trust_in({&old_}, required)),
                HasSubstr("signature: " + sig_ + ": expected a signature of the form eddy-plugin-signature-v1, found " +
                          "another first line; "));
  }
}

TEST_F(TrustTest, ReadsTheSignatureWithTheSameCareAsTheFile) {
  sign_in(directory_, "good.so", old_);
  ::chmod(sig_.c_str(), 0666);
  EXPECT_THAT(refusal(trust_in({&old_})), HasSubstr(sig_ + ": open: expected a file that only its owner writes to"));
  fs::rename(sig_, directory_ / "aside");
  fs::create_symlink("aside", sig_);
  EXPECT_THAT(refusal(trust_in({&old_})),
              HasSubstr(sig_ + ": open: expected a file of its own, found a symbolic link"));
  fs::remove(sig_);
  fs::create_symlink("/nowhere", sig_);
  EXPECT_THAT(refusal(trust_in({&old_}, false)), HasSubstr("found a symbolic link")) << "it is there";
  fs::remove(sig_);
  fs::create_directory(sig_);
  EXPECT_THAT(refusal(trust_in({&old_})), HasSubstr("expected a regular file, found a directory"));
  fs::remove(sig_);
  directory_.write("good.so.sig", "");
  EXPECT_THAT(refusal(trust_in({&old_})), HasSubstr("expected a signature, found an empty file"));
  directory_.write("good.so.sig", std::string(4097, 'x'));
  EXPECT_THAT(refusal(trust_in({&old_})), HasSubstr("expected at most 4096 bytes, found 4097 bytes; sign the plugin"));
}

TEST_F(TrustTest, AnUnreadableOneIsTriedAgain) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  sign_in(directory_, "good.so", old_);
  ::chmod(sig_.c_str(), 0);
  const auto admitted = admit(trust_in({&old_}, false));
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, Code::kUnavailable);
  EXPECT_THAT(admitted.error().text, HasSubstr(sig_ + ": open: expected a readable file, found Permission denied"));
}

TEST_F(TrustTest, NoByteOfAPluginCanBeChanged) {
  sign_in(directory_, "good.so", old_);
  const std::string bytes = bytes_of(path_);
  for (std::size_t i = 0; i < 50; ++i) {
    std::string changed = bytes;
    changed[bytes.size() * i / 50] ^= 1;
    directory_.write("good.so", changed);
    EXPECT_THAT(refusal(trust_in({&old_})), HasSubstr("over these bytes")) << i;
  }
}

class TrustInRegistry : public TrustTest {
 protected:
  Registry registry(Trust trust) {
    LoaderOptions options = loader_options(state_);
    options.trust = std::move(trust);
    return Registry(directory_.path(), Loader(std::move(options)));
  }
  Registry::Change scan(Registry& registry) { return registry.scan(stamps_of(directory_)); }

  TempDir state_;
};

TEST_F(TrustInRegistry, AFileIsReadAgainWhenItsSignatureArrives) {
  Registry plugins = registry(trust_in({&old_}));
  EXPECT_THAT(scan(plugins).events, SizeIs(1));
  EXPECT_THAT(scan(plugins).events, IsEmpty());
  EXPECT_EQ(plugins.statuses()[0].state, State::kRefused);
  sign_in(directory_, "good.so", old_);
  const Registry::Change change = scan(plugins);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_EQ(change.events[0].state, State::kRunning);
  EXPECT_EQ(change.events[0].identity.signer, (Signer{old_.public_key().id(), "old", ""}));
}

TEST_F(TrustInRegistry, ANewKeyBringsInWhatWasRefused) {
  sign_in(directory_, "good.so", new_);
  Registry plugins = registry(trust_in({&old_}));
  EXPECT_EQ(scan(plugins).events.at(0).state, State::kRefused);
  plugins.set_trust(trust_in({&old_, &new_}));
  EXPECT_EQ(scan(plugins).events.at(0).state, State::kRunning);
}

TEST_F(TrustInRegistry, WhatRunsGoesOnWithoutItsKeyUntilItsFileChanges) {
  sign_in(directory_, "good.so", old_);
  Registry plugins = registry(trust_in({&old_}));
  scan(plugins);
  const Trust later = trust_in({&new_});
  plugins.set_trust(later);
  EXPECT_THAT(scan(plugins).events, IsEmpty());
  EXPECT_FALSE(later.accepts(plugins.statuses()[0].identity.signer));
  EXPECT_TRUE(Trust().accepts(plugins.statuses()[0].identity.signer)) << "nothing is asked for";

  directory_.put("good_v2", "good.so");
  sign_in(directory_, "good.so", old_);
  const Registry::Change refused = scan(plugins);
  ASSERT_THAT(refused.events, SizeIs(1));
  EXPECT_THAT(refused.events[0].reason, AllOf(HasSubstr("found one of key " + old_.public_key().id()),
                                              HasSubstr("version 1.0.0 of it, loaded before, goes on")));
  sign_in(directory_, "good.so", new_);
  const Registry::Change swapped = scan(plugins);
  ASSERT_THAT(swapped.events, SizeIs(1));
  EXPECT_EQ(swapped.events[0].identity.version, "2.0.0");
}

TEST_F(TrustInRegistry, SigningTheSameBytesAnewSwapsNothing) {
  sign_in(directory_, "good.so", old_);
  Registry plugins = registry(trust_in({&old_, &new_}));
  scan(plugins);
  const std::uint64_t generation = plugins.statuses()[0].generation;
  sign_in(directory_, "good.so", new_);
  EXPECT_THAT(scan(plugins).events, IsEmpty());
  EXPECT_EQ(plugins.statuses()[0].generation, generation);
  EXPECT_EQ(plugins.statuses()[0].identity.signer.name, "new");
  EXPECT_TRUE(trust_in({&new_}).accepts(plugins.statuses()[0].identity.signer));
}

TEST_F(TrustInRegistry, WhatWaitsForCompanyIsJudgedAnew) {
  directory_.put("unknown_stream");
  sign_in(directory_, "unknown_stream.so", old_);
  Registry plugins = registry(trust_in({&old_}));
  scan(plugins);
  plugins.set_trust(trust_in({&new_}));
  scan(plugins);
  for (const PluginStatus& status : plugins.statuses()) {
    EXPECT_EQ(status.state, State::kRefused);
    EXPECT_THAT(status.reason, HasSubstr(": signature: ")) << status.file;
  }
}

TEST_F(TrustInRegistry, AQuarantinedPluginDoesNotComeBackWithAKey) {
  sign_in(directory_, "good.so", old_);
  Registry plugins = registry(trust_in({&old_}));
  scan(plugins);
  plugins.quarantine("good", "it faulted");
  plugins.set_trust(trust_in({&old_, &new_}));
  EXPECT_THAT(scan(plugins).events, IsEmpty());
  EXPECT_EQ(plugins.statuses()[0].state, State::kQuarantined);
}

}  // namespace
}  // namespace eddy::host
