// SPDX-License-Identifier: Apache-2.0
// What a stateful function hands to its successor, as the host asks for it.
#include "eddy/state.hpp"

#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app_fixture.h"

namespace eddy::test {
namespace {

std::string written;

const eddy_state_writer* writer() {
  static constexpr eddy_state_writer kTable = {sizeof(eddy_state_writer), 0,
                                               [](eddy_call*, eddy_str bytes) -> std::uint32_t {
                                                 if (bytes.size > 1000) return EDDY_FAILED;
                                                 written.append(bytes.data, bytes.size);
                                                 return EDDY_OK;
                                               }};
  return &kTable;
}

enum class Grade : std::uint8_t { low = 3, high = 200 };

TEST(State, IsReadAsItWasWritten) {
  written.clear();
  StateWriter to(nullptr, *writer());
  const std::map<std::string, std::vector<std::optional<double>>> table = {{"", {}}, {"k", {1.5, std::nullopt}}};
  to.write(std::int64_t{-7});
  to.write(true);
  to.write(Grade::high);
  to.write("text");
  to.write(std::string("\0é", 3));
  to.write(table);
  to.write(std::vector<bool>{true, false, true});
  to.write(std::pair(1, 2.5F));
  to.bytes("rest");

  StateReader from(written);
  EXPECT_EQ(from.read<std::int64_t>(), -7);
  EXPECT_TRUE(from.read<bool>());
  EXPECT_EQ(from.read<Grade>(), Grade::high);
  EXPECT_EQ(from.read<std::string>(), "text");
  EXPECT_EQ(from.read<std::string>(), std::string("\0é", 3));
  EXPECT_EQ((from.read<std::map<std::string, std::vector<std::optional<double>>>>()), table);
  EXPECT_EQ(from.read<std::vector<bool>>(), (std::vector<bool>{true, false, true}));
  EXPECT_EQ((from.read<std::pair<int, float>>()), std::pair(1, 2.5F));
  EXPECT_EQ(from.rest(), "rest");
  EXPECT_EQ(from.bytes(4), "rest");
}

TEST(State, ThatEndsTooSoonIsAnError) {
  written.clear();
  StateWriter(nullptr, *writer()).write(std::list<std::string>{"one", "two"});
  for (std::size_t size = 0; size < written.size(); ++size) {
    StateReader from(std::string_view(written).substr(0, size));
    EXPECT_THROW(from.read<std::list<std::string>>(), ValidationError) << size;
  }
  const std::uint64_t endless = UINT64_MAX;
  StateReader from({reinterpret_cast<const char*>(&endless), sizeof endless});
  EXPECT_THROW(from.read<std::vector<int>>(), ValidationError);
}

TEST(State, ThatIsTooLargeIsAnError) {
  StateWriter to(nullptr, *writer());
  EXPECT_THROW(to.write(std::string(1001, 'x')), std::length_error);
}

class Counting {
 public:
  static constexpr std::uint32_t state_version = 4;
  void save(StateWriter& to) const { to.write(count_); }
  void load(std::uint32_t version, StateReader& from) { count_ = from.read<int>() + static_cast<int>(version); }
  std::string operator()(const Record&) { return std::to_string(++count_); }

 private:
  int count_ = 0;
};

void plain(const Record&) {}

void declare_counting(App& app) {
  auto in = app.stream("in");
  in.add_transform<Counting>(app.stream("out"), {.name = "count"});
  in.add_consumer<plain>();
}

const eddy_state* offered(std::string_view function) {
  eddy_plugin_main_v1(fake_host());
  return detail::state_of(&declare_counting, detail::to_abi(function));
}

TEST(State, IsOfferedByWhatHasIt) {
  const eddy_state* const state = offered("count");
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->struct_size, sizeof(eddy_state));
  EXPECT_EQ(state->version, 4U);
  EXPECT_EQ(offered("plain"), nullptr);
  EXPECT_EQ(offered("nobody"), nullptr);
  EXPECT_EQ(offered(""), nullptr);
}

TEST(State, GoesFromOneInstanceToTheNext) {
  const eddy_state* const state = offered("count");
  FakePlugin plugin(described_by(declare_counting));
  const eddy_function_decl& code = plugin.find("function", "count").code;
  void *old = nullptr, *fresh = nullptr;
  ASSERT_EQ(code.create(code.user, nullptr, {nullptr, 0}, &old), std::uint32_t{EDDY_OK});
  ASSERT_EQ(code.create(code.user, nullptr, {nullptr, 0}, &fresh), std::uint32_t{EDDY_OK});
  const int ten = 10;
  ASSERT_EQ(state->load(code.user, old, nullptr, 0, {reinterpret_cast<const char*>(&ten), sizeof ten}),
            std::uint32_t{EDDY_OK});
  written.clear();
  ASSERT_EQ(state->save(code.user, old, nullptr, writer()), std::uint32_t{EDDY_OK});
  ASSERT_EQ(state->load(code.user, fresh, nullptr, 1, detail::to_abi(written)), std::uint32_t{EDDY_OK});
  written.clear();
  ASSERT_EQ(state->save(code.user, fresh, nullptr, writer()), std::uint32_t{EDDY_OK});
  EXPECT_EQ(StateReader(written).read<int>(), 11);
  code.destroy(code.user, old);
  code.destroy(code.user, fresh);
}

TEST(State, IsAnExtensionByName) {
  const eddy_plugin* plugin = eddy_plugin_main_v1(fake_host());
  ASSERT_NE(plugin->extension, nullptr);
  const auto* table = static_cast<const eddy_state_ext*>(plugin->extension(EDDY_STATE));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->struct_size, sizeof(eddy_state_ext));
  EXPECT_EQ(plugin->extension("eddy.state/2"), nullptr);
  EXPECT_EQ(plugin->extension(""), nullptr);
}

}  // namespace
}  // namespace eddy::test
