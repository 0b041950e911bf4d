// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stream/kafka/error.h"
#include "stream/kafka/handles.h"

namespace eddy::host::kafka {

using testing::HasSubstr;

TEST(KafkaError, NamesTheCommandThatAllowsIt) {
  const Error topic =
      explain("b:9092", {"writing to", "orders", {}, {}, "Write"}, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "");
  EXPECT_EQ(topic.code, Code::kUnavailable);
  EXPECT_THAT(topic.text, HasSubstr("writing to topic 'orders' at b:9092"));
  EXPECT_THAT(topic.text,
              HasSubstr("kafka-acls --bootstrap-server b:9092 --add --allow-principal User:NAME --operation "
                        "Write --topic orders"));
  const Error id = explain("b:9092", {"committing", {}, {}, "eddy-g", "Write"},
                           RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "");
  EXPECT_THAT(id.text, HasSubstr("--transactional-id eddy-g"));
}

TEST(KafkaError, NamesTheCommandThatCreatesIt) {
  const Error error =
      explain("b:9092", {"reading", "orders", "g", {}, "Read"}, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "gone.");
  EXPECT_THAT(error.text, HasSubstr("in group 'g'"));
  EXPECT_THAT(error.text, HasSubstr(": gone; create it with: kafka-topics --bootstrap-server b:9092 --create --topic "
                                    "orders"));
}

TEST(KafkaError, TellsUnitsFromRecordsAndSettings) {
  EXPECT_EQ(explain("b", {"creating", "t", {}, {}}, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, "").code,
            Code::kConfig);
  EXPECT_EQ(explain("b", {"writing", "t", {}, {}}, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "").code, Code::kBadData);
  EXPECT_EQ(explain("b", {"writing", "t", {}, {}}, RD_KAFKA_RESP_ERR__TIMED_OUT, "").code, Code::kUnavailable);
}

TEST(KafkaError, AnErrorOutOfTurnNeedsANewClient) {
  const KafkaError state(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "out of turn"));
  EXPECT_EQ(remedy_of(*state), Remedy::kRenew);
  EXPECT_TRUE(membership_lost(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION));
  EXPECT_FALSE(membership_lost(RD_KAFKA_RESP_ERR__TIMED_OUT));
}

}  // namespace eddy::host::kafka
