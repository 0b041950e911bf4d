// SPDX-License-Identifier: Apache-2.0
#include "function/waiting_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddy::host {

namespace {

Record record(std::int64_t offset, Bytes key = {}, std::uint32_t partition = 0) {
  Record made;
  made.offset = offset;
  made.partition = partition;
  made.key = key;
  made.value = "value";
  return made;
}

}  // namespace

TEST(WaitingRoomTest, KeepsACopyThatOutlivesTheRecord) {
  WaitingRoom room;
  {
    const std::string key = "key", value = "value", name = "name";
    const Header headers[] = {{Bytes(name), Bytes()}, {Bytes(name), Bytes("")}};
    Record made = record(7, Bytes(key), 3);
    made.value = Bytes(value);
    made.headers = headers;
    room.add(made, {2, 500});
  }
  room.add(record(8, "other", 3), {});
  const WaitingRoom::Line* line = room.due(500);
  ASSERT_NE(line, nullptr);
  const Record& held = line->front().record();
  EXPECT_EQ(held.key.view(), "key");
  EXPECT_EQ(held.value.view(), "value");
  ASSERT_EQ(held.headers.size(), 2u);
  EXPECT_TRUE(held.headers[0].value.null());
  EXPECT_FALSE(held.headers[1].value.null());
  EXPECT_EQ(held.attempts, 2u);
  EXPECT_EQ(held.due_us, 500);
  EXPECT_EQ(held.value.data()[held.value.size() + 63], '\0');
}

TEST(WaitingRoomTest, OneLinePerPartition) {
  WaitingRoom room;
  room.add(record(1, "a", 0), {1, 100});
  EXPECT_TRUE(room.blocks(record(2, "b", 0)));
  EXPECT_FALSE(room.blocks(record(2, "a", 1)));
  EXPECT_EQ(room.next_due(), 100);
  EXPECT_EQ(room.due(99), nullptr);
  WaitingRoom::Line* line = room.due(100);
  ASSERT_NE(line, nullptr);
  EXPECT_FALSE(room.pop(*line));
  EXPECT_TRUE(room.empty());
}

TEST(WaitingRoomTest, OneLinePerKeyAndRecordsWithoutKeyStandAlone) {
  WaitingRoom room;
  room.order_by_key(true);
  room.add(record(1, "a"), {1, 100});
  room.add(record(2, {}), {1, 50});
  room.add(record(3, ""), {1, 70});
  EXPECT_TRUE(room.blocks(record(4, "a")));
  EXPECT_TRUE(room.blocks(record(4, "")));
  EXPECT_FALSE(room.blocks(record(4, {})));
  EXPECT_FALSE(room.blocks(record(4, "b")));
  room.add(record(4, "a"), {});
  EXPECT_EQ(room.held(0), 4u);
  EXPECT_EQ(room.due(1000)->front().record().offset, 2);

  WaitingRoom::Line* none = room.due(60);
  ASSERT_NE(none, nullptr);
  room.pop(*none);
  room.pop(*room.due(80));
  WaitingRoom::Line* a = room.due(100);
  ASSERT_NE(a, nullptr);
  EXPECT_TRUE(room.pop(*a));
  EXPECT_EQ(room.due(100)->front().record().offset, 4);  // due as soon as it is the first
}

TEST(WaitingRoomTest, DropsAPartition) {
  WaitingRoom room;
  room.order_by_key(true);
  for (std::uint32_t partition = 0; partition < 3; ++partition) {
    room.add(record(1, "a", partition), {1, 1});
    room.add(record(2, "b", partition), {1, 1});
  }
  room.drop(1);
  EXPECT_EQ(room.size(), 4u);
  EXPECT_EQ(room.held(1), 0u);
  EXPECT_EQ(room.held(0) + room.held(2), 4u);
}

}  // namespace eddy::host
