// SPDX-License-Identifier: Apache-2.0
#include "redrive/redrive.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

RedriveStatus some_status() {
  RedriveStatus status;
  status.spec = {.id = "r1", .queue = "dlq", .to = "in", .by = "local", .filter = {{"group", "ab"}}, .rate = 500};
  status.spec.created_us = 1'764'000'000'000'001;
  status.state = RedriveState::kStopped;
  status.counts = {.selected = 10, .sent = 7, .left_out = 1, .recovered = 3, .failed_again = 2};
  status.left_out = {{"its bytes are not those that failed (digest)", 1}};
  status.reason = "2 of 5";
  status.forgiven_recovered = 1;
  status.failure_queues = {{"f", {"dlq", "other"}}};
  return status;
}

TEST(Redrive, ComesBackFromItsFile) {
  const RedriveStatus status = some_status();
  const auto read = read_redrive(to_json(status));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(to_json(*read), to_json(status));
  EXPECT_EQ(read->spec.rate, 500u);
  EXPECT_EQ(read->counts.in_flight(), 2u);
}

TEST(Redrive, DoesNotTellWhatLettersWereMatchedWith) {
  RedriveStatus status = some_status();
  status.spec.filter = {{"match", {"/email=ann@example.com"}}};
  EXPECT_EQ(to_json(status)["filter"].dump(), R"({"match":["/email=…"]})");
}

TEST(Redrive, SaysHowMuchSucceeded) {
  const auto json = to_json(some_status());
  EXPECT_DOUBLE_EQ(json["success_ratio"], 0.6);
  EXPECT_EQ(json["in_flight"], 0) << "nobody tells what became of them in a stream";
  EXPECT_TRUE(to_json(RedriveStatus())["success_ratio"].is_null()) << "nothing is known yet";
}

TEST(Redrive, WhatIsNoneIsAnError) {
  for (const char* text : {"null", "{}", "[]", "\"running\""}) {
    EXPECT_FALSE(read_redrive(nlohmann::ordered_json::parse(text))) << text;
  }
  auto json = to_json(some_status());
  json.erase("failure_queues");
  EXPECT_TRUE(read_redrive(json)) << "it is from before there were any";
  json["state"] = "lost";
  EXPECT_FALSE(read_redrive(json));
  EXPECT_FALSE(read_redrive(nlohmann::ordered_json::parse("{", nullptr, false)));
}

}  // namespace
}  // namespace eddy::host
