// SPDX-License-Identifier: Apache-2.0
#include "settings/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace eddy::host {
namespace {

constexpr Scope kScopes[] = {Scope::kTop,    Scope::kFunction, Scope::kQueue,
                             Scope::kStream, Scope::kTable,    Scope::kToken};

TEST(Fields, DefaultsOfTheTableAreThoseOfTheStructs) {
  Settings top;
  FunctionSettings function;
  QueueSettings queue;
  StreamSettings stream;
  TableSettings table;
  TokenSettings token;
  const Target target{&top, &function, &queue, &stream, &table, &token};
  for (const Scope scope : kScopes) {
    for (const Field& field : fields(scope)) {
      if (field.load == nullptr) continue;
      EXPECT_EQ(field.load(field, target), field.fallback) << field.path;
    }
  }
}

TEST(Fields, AStoredValueIsLoadedAgain) {
  Settings top;
  FunctionSettings function;
  QueueSettings queue;
  StreamSettings stream;
  TableSettings table;
  TokenSettings token;
  const Target target{&top, &function, &queue, &stream, &table, &token};
  std::size_t stored = 0;
  for (const Scope scope : kScopes) {
    for (const Field& field : fields(scope)) {
      if (field.store == nullptr) continue;
      Value value = std::string("changed");
      if (field.kind == Kind::kBool) value = true;
      if (field.kind == Kind::kNumber) value = field.most;
      if (field.kind == Kind::kTextList) value = std::vector<std::string>{"a", "b"};
      if (field.kind == Kind::kProperties) value = std::string(R"({"a":"b"})");
      if (field.kind == Kind::kInteger) value = static_cast<std::int64_t>(field.most);
      if (!field.allowed.empty()) value = std::string(field.allowed.back());
      field.store(field, target, value);
      EXPECT_EQ(field.load(field, target), value) << field.path;
      ++stored;
    }
  }
  EXPECT_GE(stored, 85u);
}

TEST(Fields, EveryOneIsDescribedAndGivenOnce) {
  for (const Scope scope : kScopes) {
    std::set<std::string_view> seen;
    for (const Field& field : fields(scope)) {
      EXPECT_TRUE(seen.insert(field.path).second) << field.path;
      EXPECT_TRUE(field.doc.ends_with('.')) << field.path;
      EXPECT_EQ(field.doc.find('|'), std::string_view::npos) << field.path << " breaks the reference's table";
      EXPECT_LE(field.least, field.most) << field.path;
      // A key that is neither stored nor refused would be accepted in silence, unless the reference says so.
      const bool said = !field.only.empty() || !field.served;
      EXPECT_TRUE(field.store != nullptr || said) << field.path;
    }
  }
}

TEST(Fields, ChildrenAreTheNextPartOfEachPath) {
  EXPECT_THAT(children(Scope::kTop, "streams."),
              testing::ElementsAre("transport", "embedded", "kafka", "defaults", "named"));
  EXPECT_THAT(children(Scope::kTop, "tables."),
              testing::ElementsAre("url", "batch_rows", "batch_bytes", "batch_ms", "named"));
  EXPECT_THAT(children(Scope::kToken, ""), testing::ElementsAre("name", "hash", "routes", "expires"));
  EXPECT_THAT(children(Scope::kStream, ""), testing::ElementsAre("partitions", "retention_days", "replication_factor"));
}

}  // namespace
}  // namespace eddy::host
