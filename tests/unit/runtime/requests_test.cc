// SPDX-License-Identifier: Apache-2.0
#include "runtime/requests.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace eddy::host {
namespace {

// A control thread that looks when it is woken, as often as a test says.
class RequestsTest : public testing::Test {
 protected:
  void wait_for_wake() { woken_.get_future().wait(); }

  std::promise<void> woken_;
  Requests requests_{[this] { woken_.set_value(); }};
};

TEST_F(RequestsTest, TheAnswerReachesTheOneWhoAsked) {
  auto asked = std::async(std::launch::async, [this] { return requests_.ask(Request::Kind::kRollback, "movies"); });
  wait_for_wake();
  auto request = requests_.next();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->kind, Request::Kind::kRollback);
  EXPECT_EQ(request->plugin, "movies");
  EXPECT_FALSE(requests_.next());
  request->answer.set_value(Error{Code::kConflict, "no earlier version"});
  EXPECT_EQ(asked.get().error().text, "no earlier version");
}

TEST_F(RequestsTest, AnEndingHostAnswersThoseWhoWaitAndThoseWhoCome) {
  auto asked = std::async(std::launch::async, [this] { return requests_.ask(Request::Kind::kRelease, "movies"); });
  wait_for_wake();
  requests_.close();
  EXPECT_EQ(asked.get().error().code, Code::kUnavailable);
  EXPECT_EQ(requests_.ask(Request::Kind::kRelease, "movies").error().text, "the host is ending");
  EXPECT_FALSE(requests_.next());
}

}  // namespace
}  // namespace eddy::host
