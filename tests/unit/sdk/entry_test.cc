// SPDX-License-Identifier: Apache-2.0
// The entry point as the host calls it, and what the example of the contract declares.
#include <dlfcn.h>

#include "app_fixture.h"

namespace eddy::test {
namespace {

using ::testing::HasSubstr;

struct Ping {
  int number = 0;
};
EDDY_MODEL(Ping, number)

int described = 0;

}  // namespace

void declare_all(App& app) {
  ++described;
  if (described == 3) throw std::runtime_error("no third time");
  app.stream<Ping>("pings");
}

namespace {

TEST(Entry, RefusesAHostItDoesNotKnow) {
  EXPECT_EQ(eddy_plugin_main_v1(nullptr), nullptr);
  eddy_host other = *fake_host();
  other.abi_major = EDDY_ABI_MAJOR + 1;
  EXPECT_EQ(eddy_plugin_main_v1(&other), nullptr);
  other = *fake_host();
  other.struct_size = offsetof(eddy_host, now_us);
  EXPECT_EQ(eddy_plugin_main_v1(&other), nullptr);
}

TEST(Entry, DescribesAgainAndReportsWhatItThrows) {
  const eddy_plugin* plugin = eddy_plugin_main_v1(fake_host());
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->abi_major, EDDY_ABI_MAJOR);
  for (int i = 0; i < 2; ++i) {
    const FakePlugin taken(plugin->describe);
    EXPECT_EQ(taken.described(), EDDY_OK);
    EXPECT_EQ(taken.find("stream", "pings").model->field_count, 1U);
  }
  const FakePlugin third(plugin->describe);
  EXPECT_EQ(third.described(), EDDY_FAILED);
  EXPECT_EQ(third.refusal(), "std::runtime_error: no third time");
}

}  // namespace
}  // namespace eddy::test

EDDY_PLUGIN_INFO("unit_sdk", "0.0.1")
EDDY_PLUGIN(app) { eddy::test::declare_all(app); }
