// SPDX-License-Identifier: Apache-2.0
// What a plugin offers beside its declarations is looked at as closely as these.
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Offers : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(install_guard()); }

  Result<ImagePtr> load(const std::string& name) {
    Result<Loader::Admitted> admitted = loader_.admit(zoo(name), true);
    if (!admitted) return admitted.take_error();
    return loader_.load(*admitted);
  }
  std::string refusal(const std::string& name) {
    const Result<ImagePtr> image = load(name);
    return image ? "loaded" : image.error().text;
  }

  TempDir state_;
  Loader loader_{loader_options(state_)};
};

TEST_F(Offers, AreInTheManifest) {
  const Result<ImagePtr> image = load("state");
  ASSERT_TRUE(image) << image.error().text;
  const FunctionDecl* const offers = (*image)->function("bad_state");
  ASSERT_NE(offers, nullptr);
  EXPECT_EQ(offers->state.version, 7U);
  EXPECT_NE(offers->state.save, nullptr);
  EXPECT_EQ((*image)->function("bad_state_other")->state.save, nullptr);
}

TEST_F(Offers, MayBeNone) {
  const Result<ImagePtr> image = load("good");
  ASSERT_TRUE(image) << image.error().text;
  EXPECT_EQ((*image)->function("good")->state.save, nullptr);
}

TEST_F(Offers, ThatAreHalfARefusal) {
  EXPECT_THAT(refusal("state_half"), AllOf(HasSubstr("describe: the state of function \"bad_state_half\": expected an "
                                                     "eddy_state with both save and load"),
                                           HasSubstr("eddy/ext/state.h")));
  EXPECT_THAT(refusal("state_small"), HasSubstr("found a struct of 8 bytes without them"));
  EXPECT_THAT(refusal("state_foreign"), HasSubstr("expected functions in the plugin's own code, found save or load"));
  EXPECT_THAT(refusal("state_no_table"), HasSubstr("extension eddy.state/1: expected an eddy_state_ext"));
}

TEST_F(Offers, ThatFaultAreARefusal) {
  if (kThreadSanitizer) GTEST_SKIP() << "no signal can be survived";
  EXPECT_THAT(refusal("state_wild"), HasSubstr("describe: expected extension to return, found SIGSEGV"));
  EXPECT_THAT(refusal("state_segv"), HasSubstr("describe: expected eddy.state/1 to return, found SIGSEGV"));
}

}  // namespace
}  // namespace eddy::host
