// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stream/kafka/conf.h"

namespace eddy::host::kafka {

namespace {

using testing::HasSubstr;
using testing::Not;

KafkaOptions options(std::map<std::string, std::string> properties) {
  KafkaOptions options;
  options.brokers = "localhost:9092";
  options.properties = std::move(properties);
  return options;
}

std::string value_of(const Conf& conf, const char* name) {
  char text[128] = "";
  std::size_t size = sizeof(text);
  EXPECT_EQ(rd_kafka_conf_get(conf.get(), name, text, &size), RD_KAFKA_CONF_OK);
  return text;
}

}  // namespace

TEST(KafkaConf, UsersPropertiesWinOverDefaults) {
  const auto conf =
      Conf::make(options({{"queued.max.messages.kbytes", "1234"}, {"client.id", "mine"}}), Role::kConsumer);
  ASSERT_TRUE(conf.ok()) << conf.error().text;
  EXPECT_EQ(value_of(*conf, "queued.max.messages.kbytes"), "1234");
  EXPECT_EQ(value_of(*conf, "client.id"), "mine");
  EXPECT_EQ(value_of(*conf, "queued.min.messages"), "10000000");
}

TEST(KafkaConf, RolesHaveTheirGuarantees) {
  const auto consumer = Conf::make(options({}), Role::kConsumer, {{"group.id", "g"}});
  ASSERT_TRUE(consumer.ok());
  EXPECT_EQ(value_of(*consumer, "isolation.level"), "read_committed");
  EXPECT_EQ(value_of(*consumer, "enable.auto.commit"), "false");
  EXPECT_EQ(value_of(*consumer, "group.id"), "g");
  const auto producer = Conf::make(options({}), Role::kProducer);
  ASSERT_TRUE(producer.ok());
  EXPECT_EQ(value_of(*producer, "enable.idempotence"), "true");
}

TEST(KafkaConf, NamesEveryPropertyThatIsNotForUsers) {
  const auto conf =
      Conf::make(options({{"enable.auto.commit", "true"}, {"isolation.level", "read_uncommitted"}}), Role::kConsumer);
  ASSERT_FALSE(conf.ok());
  EXPECT_EQ(conf.error().code, Code::kConfig);
  EXPECT_THAT(conf.error().text, HasSubstr("'enable.auto.commit'"));
  EXPECT_THAT(conf.error().text, HasSubstr("'isolation.level'"));
}

TEST(KafkaConf, SaysWhatAPropertyShouldBe) {
  const auto unknown = Conf::make(options({{"no.such.thing", "1"}}), Role::kAdmin);
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().text, HasSubstr("no.such.thing"));
  const auto bad = Conf::make(options({{"socket.timeout.ms", "soon"}}), Role::kAdmin);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, Code::kConfig);
  EXPECT_THAT(bad.error().text, HasSubstr("socket.timeout.ms"));
}

TEST(KafkaConf, NeverShowsASecret) {
  for (const char* name : {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.username",
                           "sasl.oauthbearer.client.secret", "ssl.certificate.pem"}) {
    EXPECT_TRUE(is_secret(name)) << name;
  }
  EXPECT_FALSE(is_secret("security.protocol"));
  EXPECT_FALSE(is_secret("sasl.mechanism"));
  const Redactor redactor(options({{"sasl.password", "hunter2"}, {"ssl.key.password", "hunter2-and-more"}}));
  EXPECT_EQ(redactor.clean("tried hunter2-and-more, hunter2 and hunter2."), "tried ***, *** and ***.");
}

}  // namespace eddy::host::kafka
