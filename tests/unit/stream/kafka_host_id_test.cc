// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <thread>

#include "base/temporary_folder.h"
#include "stream/kafka/kafka.h"

namespace eddy::host {

TEST(HostId, StaysWithItsDirectory) {
  const auto one = TemporaryFolder::make();
  const auto two = TemporaryFolder::make();
  ASSERT_TRUE(one.ok() && two.ok());
  const auto id = host_id(one->path());
  ASSERT_TRUE(id.ok()) << id.error().text;
  EXPECT_EQ(id->size(), 16u);
  EXPECT_EQ(*host_id(one->path()), *id);
  EXPECT_NE(*host_id(two->path()), *id);
}

TEST(HostId, IsOneForAllWhoAskAtOnce) {
  const auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder.ok());
  std::vector<std::string> ids(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& id : ids) threads.emplace_back([&] { id = *host_id(folder->path()); });
  }
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1u);
}

TEST(HostId, RefusesWhatItDidNotWrite) {
  const auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder.ok());
  std::ofstream(folder->path() + "/host_id") << "not an id!\n";
  const auto id = host_id(folder->path());
  ASSERT_FALSE(id.ok());
  EXPECT_EQ(id.error().code, Code::kCorrupt);
  EXPECT_THAT(id.error().text, testing::HasSubstr("host_id"));
  EXPECT_FALSE(host_id(folder->path() + "/missing").ok());
}

}  // namespace eddy::host
