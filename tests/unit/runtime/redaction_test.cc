// SPDX-License-Identifier: Apache-2.0
// Of which streams what is masked.
#include "runtime/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/load.h"

namespace eddy::host {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Redaction : public testing::Test {
 protected:
  Redaction() {
    for (const char* name : {"in", "out", "other"}) topology.streams[name].queue = false;
    for (const char* name : {"Q", "Q.parked", "R"}) topology.streams[name].queue = true;
    add("one", EDDY_FUNCTION_TRANSFORM, "in").destination = "out";
    add("many", EDDY_FUNCTION_MULTI_TRANSFORM, "in");
    add("again", EDDY_FUNCTION_TRANSFORM, "Q").input = EDDY_INPUT_DEAD_LETTER;
  }
  FunctionDecl& add(const std::string& name, std::uint32_t kind, const std::string& source) {
    FunctionDecl& decl = decls[name];
    decl.name = name;
    decl.kind = kind;
    decl.source = source;
    topology.functions[name] = {&decl, nullptr, "Q"};
    return decl;
  }
  std::vector<std::string> masked(const std::string& yaml) {
    const LoadedSettings loaded = parse_settings(yaml, "f");
    EXPECT_TRUE(loaded.errors.empty());
    std::vector<std::string> streams;
    for (const auto& [stream, pointers] : redacted_streams(topology, loaded.settings)) streams.push_back(stream);
    return streams;
  }

  std::map<std::string, FunctionDecl> decls;
  Topology topology;
};

TEST_F(Redaction, HoldsForWhatAFunctionReadsAndWrites) {
  EXPECT_THAT(masked("functions: { one: { redact: [/x] } }"),
              UnorderedElementsAre("in", "out", "one.retry", "one.redrive", "Q", "Q.parked"));
  EXPECT_THAT(masked(""), IsEmpty());
}

TEST_F(Redaction, HoldsForAnyStreamThatAFunctionMayChoose) {
  EXPECT_THAT(masked("functions: { many: { redact: [/x] } }"),
              UnorderedElementsAre("in", "out", "other", "many.retry", "many.redrive", "Q", "Q.parked"));
}

TEST_F(Redaction, HoldsForTheQueueThatTheSettingsChoose) {
  EXPECT_THAT(masked("functions: { one: { redact: [/x], dead_letter_queue: R } }"),
              UnorderedElementsAre("in", "out", "one.retry", "one.redrive", "R", "R.parked", "Q", "Q.parked"))
      << "letters from before are in the other one";
  EXPECT_THAT(masked("dead_letter_queues: { R: { redact: [/x] } }"), UnorderedElementsAre("R"));
  EXPECT_THAT(masked("functions: { again: { redact: [/x], dead_letter_queue: R } }"),
              UnorderedElementsAre("Q", "Q.parked", "again.retry", "again.redrive"))
      << "letters go back to the queue they came from";
}

TEST_F(Redaction, KnowsWhereLettersStand) {
  for (const char* stream : {"Q", "Q.parked", "one.redrive", "again.redrive", "again.retry"})
    EXPECT_TRUE(holds_letters(topology, stream)) << stream;
  for (const char* stream : {"in", "out", "one.retry", "many.retry", "none.redrive"})
    EXPECT_FALSE(holds_letters(topology, stream)) << stream;
}

}  // namespace
}  // namespace eddy::host
