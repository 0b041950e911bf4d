// SPDX-License-Identifier: Apache-2.0
#include "runtime/requests.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

namespace eddy::host {
namespace {

// A control thread that does what a test says when it is woken. Who asks waits for its answer for some seconds only, so
// it is given while they are still at waking: however long the control thread has to wait for the processor.
class RequestsTest : public testing::Test {
 protected:
  std::function<void()> when_woken_;
  Requests requests_{[this] { std::thread(when_woken_).join(); }};
};

TEST_F(RequestsTest, TheAnswerReachesTheOneWhoAsked) {
  when_woken_ = [this] {
    auto request = requests_.next();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->kind, Request::Kind::kRollback);
    EXPECT_EQ(request->plugin, "movies");
    EXPECT_FALSE(requests_.next());
    request->answer.set_value(Error{Code::kConflict, "no earlier version"});
  };
  EXPECT_EQ(requests_.ask(Request::Kind::kRollback, "movies").error().text, "no earlier version");
}

TEST_F(RequestsTest, AnEndingHostAnswersThoseWhoWaitAndThoseWhoCome) {
  when_woken_ = [this] { requests_.close(); };
  EXPECT_EQ(requests_.ask(Request::Kind::kRelease, "movies").error().text, "the host is ending");
  EXPECT_EQ(requests_.ask(Request::Kind::kRelease, "movies").error().text, "the host is ending");
  EXPECT_FALSE(requests_.next());
}

}  // namespace
}  // namespace eddy::host
