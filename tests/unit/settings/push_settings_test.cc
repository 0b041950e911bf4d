// SPDX-License-Identifier: Apache-2.0
// The sections of those who are sent metrics and notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/push_address.h"
#include "settings/render.h"
#include "settings/webhook_url.h"
#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

TEST(PushSettings, AreOffUnlessTheyAreGiven) {
  const Settings settings = parse_settings("", "f").settings;
  EXPECT_EQ(settings.push.dogstatsd.address, "");
  EXPECT_EQ(settings.push.emf.file, "");
  EXPECT_THAT(test::findings("push: { dogstatsd: { address: false }, emf: { file: false } }"), IsEmpty());
}

TEST(PushSettings, AreReadAndShown) {
  const LoadedSettings loaded = parse_settings(
      "push: { dogstatsd: { address: \"udp://agent:8125\", interval_ms: 500, prefix: films., tags: [env:test] },\n"
      "  emf: { file: stdout, namespace: Films/Eddy, dimensions: { cluster: eu } } }",
      "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  const PushSettings& push = loaded.settings.push;
  EXPECT_EQ(push.dogstatsd.address, "udp://agent:8125");
  EXPECT_EQ(push.dogstatsd.interval_ms, 500u);
  EXPECT_EQ(push.dogstatsd.prefix, "films.");
  EXPECT_THAT(push.dogstatsd.tags, ElementsAre("env:test"));
  EXPECT_EQ(push.emf.file, "stdout");
  EXPECT_EQ(push.emf.name_space, "Films/Eddy");
  EXPECT_THAT(push.emf.dimensions, ElementsAre(Pair("cluster", "eu")));
  EXPECT_EQ(parse_settings(to_yaml(loaded.settings), "f").settings.push, push);
}

TEST(PushSettings, WhatReceiversWouldNotUnderstandIsRefused) {
  EXPECT_THAT(test::findings("push: { dogstatsd: { address: \"127.0.0.1:8125\" } }"),
              ElementsAre(HasSubstr("push.dogstatsd.address: expected udp://HOST:PORT or unix:///PATH")));
  EXPECT_THAT(test::findings("push: { dogstatsd: { prefix: 1x } }"), ElementsAre(HasSubstr("push.dogstatsd.prefix")));
  EXPECT_THAT(test::findings("push: { dogstatsd: { tags: [\"a|b\"] } }"), ElementsAre(HasSubstr("found a|b")));
  EXPECT_THAT(test::findings("push: { emf: { namespace: AWS/Eddy } }"), ElementsAre(HasSubstr("push.emf.namespace")));
  EXPECT_THAT(test::findings("push: { emf: { dimensions: { a: \"\" } } }"),
              ElementsAre(HasSubstr("push.emf.dimensions: expected a name")));
  EXPECT_THAT(test::findings("push: { emf: { interval_ms: 1 } }"), ElementsAre(HasSubstr("push.emf.interval_ms")));
}

TEST(PushAddress, IsUdpOrAPath) {
  const auto udp = parse_push_address("udp://[::1]:8125");
  ASSERT_TRUE(udp.ok());
  EXPECT_EQ(udp->host, "::1");
  EXPECT_EQ(udp->port, "8125");
  EXPECT_EQ(parse_push_address("unix:///run/dsd.socket")->path, "/run/dsd.socket");
  for (const char* text : {"", "udp://", "udp://host", "udp://:1", "udp://host:0", "udp://host:x", "udp://::1:8125",
                           "unix://relative", "tcp://host:1"}) {
    EXPECT_FALSE(parse_push_address(text).ok()) << text;
  }
  EXPECT_THAT(parse_push_address("unix:///" + std::string(200, 'x')).error().text, HasSubstr("at most 107 bytes"));
}

TEST(WebhookSettings, AreReadByName) {
  const LoadedSettings loaded = parse_settings(
      "webhooks:\n"
      "  chat: { url: \"https://chat.example/hook\", secret: 0123456789abcdef, on: [rate], queues: [\"Movie*\"],\n"
      "          rate: { factor: 2.5, min_per_minute: 7 } }\n"
      "  other: { url: \"http://127.0.0.1:8080\" }\n",
      "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  const auto all = loaded.settings.webhooks();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "chat");
  EXPECT_EQ(all[0].url, "https://chat.example/hook");
  EXPECT_THAT(all[0].on, ElementsAre("rate"));
  EXPECT_EQ(all[0].rate_factor, 2.5);
  EXPECT_EQ(all[0].rate_min_per_minute, 7u);
  EXPECT_THAT(all[1].on, ElementsAre("new_group", "rate"));
  EXPECT_THAT(all[1].queues, ElementsAre("*"));
}

TEST(WebhookSettings, NeitherSecretNorUrlIsShown) {
  const test::Variable variable("EDDY_TEST_SECRET", "the secret of a test");
  const LoadedSettings loaded = parse_settings(
      "webhooks: { a: { url: \"https://chat.example/T0/S3CR3T\", secret: \"${EDDY_TEST_SECRET}\" } }", "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings.webhooks()[0].secret, "the secret of a test");
  const std::string shown = to_yaml(loaded.settings);
  EXPECT_THAT(shown, HasSubstr("${EDDY_TEST_SECRET}"));
  EXPECT_THAT(shown, Not(HasSubstr("S3CR3T")));
  EXPECT_THAT(shown, Not(HasSubstr("the secret")));
  EXPECT_THAT(test::findings(shown), ElementsAre(HasSubstr("url: expected https://HOST/PATH, found the mask")));
}

TEST(WebhookSettings, WhatCannotBeIsRefused) {
  const auto one = [](const std::string& rest) { return test::findings("webhooks: { a: { " + rest + " } }"); };
  EXPECT_THAT(one("on: [rate]"), ElementsAre(HasSubstr("webhooks[\"a\"].url: expected https://HOST/PATH")));
  EXPECT_THAT(one("url: \"ftp://S3CR3T/\""), ElementsAre(Not(HasSubstr("S3CR3T"))));
  EXPECT_THAT(one("url: \"https://h/\", secret: short"), ElementsAre(HasSubstr("at least 16 characters")));
  EXPECT_THAT(one("url: \"https://h/\", on: [everything]"), ElementsAre(HasSubstr("found everything")));
  EXPECT_THAT(one("url: \"https://h/\", on: []"), ElementsAre(HasSubstr("found an empty list")));
  EXPECT_THAT(one("url: \"https://h/\", queues: []"), ElementsAre(HasSubstr("found an empty list")));
  EXPECT_THAT(test::findings("webhooks: { \"a b\": { url: \"https://h/\" } }"),
              ElementsAre(HasSubstr("expected a name of letters")));
}

TEST(WebhookUrl, IsTakenApart) {
  const auto url = parse_webhook_url("https://host.example/path?query=1#fragment");
  ASSERT_TRUE(url.ok());
  EXPECT_TRUE(url->secure);
  EXPECT_EQ(url->host, "host.example");
  EXPECT_EQ(url->port, "443");
  EXPECT_EQ(url->target, "/path?query=1");
  EXPECT_EQ(parse_webhook_url("http://[::1]:8080?a")->host, "::1");
  EXPECT_EQ(parse_webhook_url("http://[::1]:8080?a")->target, "/?a");
  EXPECT_EQ(parse_webhook_url("http://[::1]")->port, "80");
  for (const char* text : {"", "host", "https://", "https://:443/", "https://host:x/", "https://user:password@host/",
                           "https://host/a b", "https://[::1/", "file:///etc/passwd"}) {
    EXPECT_FALSE(parse_webhook_url(text).ok()) << text;
  }
}

}  // namespace
}  // namespace eddy::host
