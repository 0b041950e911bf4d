// SPDX-License-Identifier: Apache-2.0
// Every kind of function: what it takes, what it gives, where that goes.
#include "app_fixture.h"

namespace eddy::test {
namespace kinds {

struct Item {
  int n = 0;
};
EDDY_MODEL(Item, n)

std::vector<Item> fan_out(const Item& item) { return std::vector<Item>(static_cast<std::size_t>(item.n), item); }
std::optional<Item> odd_only(const Item& item) { return item.n % 2 != 0 ? std::optional(item) : std::nullopt; }
Json dynamic(const Json& json) { return {{"was", json}}; }
std::string bytes(const Record& record) { return std::string(record.value()) + "!"; }
Record pass_on(const Record& record) { return record; }
Item by_value(Item item) noexcept { return item; }

Item with_context(const Item& item, Context& context) {
  if (item.n == 1) context.set_key("new key");
  if (item.n == 2) context.set_key({});
  if (item.n == 3) {
    context.set_header("b", "changed");
    context.add_header("c", "added");
    context.remove_header("a");
  }
  context.set_timestamp(context.timestamp() + std::chrono::microseconds(1));
  context.set_partition(context.partition() + 1);
  return {static_cast<int>(context.offset()) + (context.cancelled() ? 1 : 0)};
}

Routed split(const Item& item) {
  if (item.n == 0) return routed();
  if (item.n == 1) return routed("low", item);
  const std::string name = "dynamic";
  Routed both = routed("low", item, Item{20}, name, std::vector<Item>{{30}, {40}}, "raw", std::string("bytes"));
  both.add("raw", "literal").add("json", Json(5)).add("none", std::optional<Item>());
  return both;
}

Result<Routed> split_or_fail(const Item& item) {
  if (item.n == 0) return fail("zero", "none");
  return routed("low", item);
}

struct Counter {
  explicit Counter(const Config& config) : step(config.get<int>("step", 1)) {
    if (step == 0) throw std::invalid_argument("step is zero");
  }
  Item operator()(const Item& item) { return {item.n + (sum += step)}; }
  int step;
  int sum = 0;
};

struct Plain {
  void operator()(const Item&, Context&) const noexcept {}
};

std::string letter_facts(const DeadLetter<Item>& letter, Context& context) {
  std::string text = std::to_string(letter.attempts) + std::to_string(letter.hops) +
                     std::to_string(letter.origin_partition) + std::to_string(letter.origin_offset);
  for (const std::string_view part : {letter.id, letter.fingerprint, letter.function, letter.origin_stream,
                                      letter.source, letter.key(), letter.original(), context.key()}) {
    text += " " + std::string(part);
  }
  return text + " " + std::string(letter.header("h").value_or("?"));
}
std::string letter_json(const DeadLetter<Json>& letter) { return letter.as_typed().dump(); }
std::string untyped(const DeadLetter<>& letter) { return letter.original().data() == nullptr ? "null" : "bytes"; }
Item typed(const DeadLetter<Item>& letter) { return letter.as_typed(); }

}  // namespace kinds

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Functions : public ::testing::Test {
 protected:
  FakePlugin plugin{described_by([](App& app) {
    const auto in = app.stream<kinds::Item>("in");
    const auto out = app.stream<kinds::Item>("out");
    const auto any = app.stream("any");
    const auto queue = app.dead_letter_queue<kinds::Item>("queue");
    in.add_transform<kinds::fan_out>(out);
    in.add_transform<kinds::odd_only>(out, {.name = "odd", .dead_letter_queue = queue, .concurrency = 3});
    any.add_transform<kinds::dynamic>(any);
    in.add_transform<kinds::bytes>(any);
    any.add_transform<kinds::pass_on>(any);
    in.add_transform<kinds::by_value>(out);
    in.add_transform<kinds::with_context>(out);
    in.add_multi_transform<kinds::split>();
    in.add_multi_transform<kinds::split_or_fail>();
    in.add_transform<kinds::Counter>(out);
    in.add_consumer<kinds::Plain>();
    in.add_transform<[](const kinds::Item& item) { return item; }>(out, {.name = "lambda"});
    queue.add_transform<kinds::letter_facts>(any);
    queue.add_transform<kinds::letter_json>(any);
    queue.add_transform<kinds::untyped>(any);
    queue.add_transform<kinds::typed>(out);
  })};

  std::vector<std::string> values(const Outcome& outcome) {
    std::vector<std::string> result;
    for (const OutputText& output : outcome.outputs) result.push_back(output.stream.value_or("") + *output.value);
    return result;
  }
};

TEST_F(Functions, ReturnOneManyOrNone) {
  ASSERT_EQ(plugin.described(), EDDY_OK) << plugin.refusal();
  EXPECT_THAT(values(plugin.run("fan_out", {R"({"n":2})"})), ElementsAre(R"({"n":2})", R"({"n":2})"));
  EXPECT_EQ(plugin.run("fan_out", {R"({"n":0})"}).status, std::uint32_t{EDDY_FILTERED});
  EXPECT_THAT(values(plugin.run("odd", {R"({"n":3})"})), ElementsAre(R"({"n":3})"));
  EXPECT_EQ(plugin.run("odd", {R"({"n":4})"}).status, std::uint32_t{EDDY_FILTERED});
  EXPECT_THAT(values(plugin.run("by_value", {R"({"n":5})"})), ElementsAre(R"({"n":5})"));
  EXPECT_THAT(values(plugin.run("lambda", {R"({"n":6})"})), ElementsAre(R"({"n":6})"));
}

TEST_F(Functions, TakeJsonAndBytes) {
  EXPECT_THAT(values(plugin.run("dynamic", {"[1]"})), ElementsAre(R"({"was":[1]})"));
  EXPECT_THAT(values(plugin.run("bytes", {"\x01z"})), ElementsAre("\x01z!"));
  const Outcome passed = plugin.run("pass_on", {std::nullopt, "", {{"a", std::nullopt}, {"a", ""}}});
  ASSERT_EQ(passed.outputs.size(), 1U);
  EXPECT_EQ(passed.outputs[0].value, Text());
  EXPECT_EQ(passed.outputs[0].key, Text(""));
  EXPECT_EQ(passed.outputs[0].headers, (std::vector<HeaderText>{{"a", std::nullopt}, {"a", ""}}));
}

TEST_F(Functions, SayHowTheyRun) {
  const Declared& odd = plugin.find("function", "odd");
  EXPECT_EQ(odd.concurrency, 3U);
  EXPECT_EQ(odd.dead_letter_queue, "queue");
  EXPECT_EQ(odd.output_model, odd.model);
  EXPECT_EQ(plugin.find("function", "bytes").output_model, nullptr);
  EXPECT_EQ(plugin.find("function", "bytes").input, std::uint32_t{EDDY_INPUT_RECORD});
  EXPECT_EQ(plugin.find("function", "dynamic").input, std::uint32_t{EDDY_INPUT_JSON});
  EXPECT_EQ(plugin.find("function", "split").kind, std::uint32_t{EDDY_FUNCTION_MULTI_TRANSFORM});
}

TEST_F(Functions, ChangeKeyHeadersTimeAndPartitionThroughTheirContext) {
  const auto run = [this](int n) {
    return plugin.run("with_context", {R"({"n":)" + std::to_string(n) + "}", "k", {{"a", "1"}, {"b", "2"}, {"b", "3"}}})
        .outputs.at(0);
  };
  EXPECT_FALSE(run(0).key_given);
  EXPECT_EQ(run(0).headers, std::nullopt);
  EXPECT_EQ(run(0).timestamp_us, 1001);
  EXPECT_EQ(run(0).partition, 4U);
  EXPECT_EQ(run(0).value, R"({"n":42})");
  EXPECT_EQ(run(1).key, "new key");
  EXPECT_TRUE(run(2).key_given);
  EXPECT_EQ(run(2).key, Text());
  EXPECT_EQ(run(3).headers, (std::vector<HeaderText>{{"b", "changed"}, {"b", "3"}, {"c", "added"}}));
}

TEST_F(Functions, RouteToSeveralStreams) {
  EXPECT_EQ(plugin.run("split", {R"({"n":0})"}).status, std::uint32_t{EDDY_FILTERED});
  EXPECT_THAT(values(plugin.run("split", {R"({"n":1})"})), ElementsAre(R"(low{"n":1})"));
  EXPECT_THAT(values(plugin.run("split", {R"({"n":2})"})),
              ElementsAre(R"(low{"n":2})", R"(low{"n":20})", R"(dynamic{"n":30})", R"(dynamic{"n":40})", "rawbytes",
                          "rawliteral", "json5"));
  EXPECT_EQ(plugin.run("split_or_fail", {R"({"n":0})"}).error_type, "zero");
}

TEST_F(Functions, ClassesHoldStateFromTheirConfiguration) {
  ASSERT_EQ(plugin.create("Counter", R"({"step":10})").status, EDDY_OK);
  EXPECT_THAT(values(plugin.run("Counter", {R"({"n":1})"})), ElementsAre(R"({"n":11})"));
  EXPECT_THAT(values(plugin.run("Counter", {R"({"n":1})"})), ElementsAre(R"({"n":21})"));
  EXPECT_EQ(plugin.run("Plain", {R"({"n":1})"}).status, EDDY_OK);
  FakePlugin other(described_by([](App& app) {
    const auto in = app.stream<kinds::Item>("in");
    in.add_transform<kinds::Counter>(in);
  }));
  EXPECT_EQ(other.create("Counter", R"({"step":0})").message, "step is zero");
  EXPECT_EQ(other.create("Counter", R"({"step":"1"})").message,
            "configuration /step: expected an integer of 32 bits, found \"1\"");
}

TEST_F(Functions, ReadDeadLetters) {
  EXPECT_THAT(values(plugin.recover("letter_facts", {"t", "m", R"({"n":1})"})),
              ElementsAre(R"(21577 id-1 fp-1 f origin transform key {"n":1} key 1)"));
  EXPECT_THAT(values(plugin.recover("letter_json", {"t", "m", "[1]"})), ElementsAre("[1]"));
  EXPECT_EQ(plugin.recover("letter_json", {"t", "m", "{"}).error_type, "ParseError");
  EXPECT_THAT(values(plugin.recover("untyped", {"t", "m", std::nullopt})), ElementsAre("null"));
  EXPECT_EQ(plugin.recover("typed", {"t", "m", std::nullopt}).error_type, "ParseError");
  EXPECT_EQ(plugin.recover("typed", {"t", "m", "{"}).error_type, "ParseError");
  const Outcome unfit = plugin.recover("typed", {"t", "m", R"({"n":"x"})"});
  EXPECT_EQ(unfit.error_type, "ValidationError");
  EXPECT_THAT(unfit.message, HasSubstr("/n"));
}

TEST(Declarations, ALambdaNeedsAName) {
  const FakePlugin plugin(described_by([](App& app) {
    const auto in = app.stream<kinds::Item>("in");
    in.add_consumer<[](const kinds::Item&) {}>();
  }));
  EXPECT_EQ(plugin.described(), std::uint32_t{EDDY_FAILED});
  EXPECT_THAT(plugin.refusal(), HasSubstr("a lambda over in has no name"));
}

TEST(Declarations, APartThatWasLeftOutCannotBeUsed) {
  const FakePlugin plugin(described_by([](App& app) { app.ingest_pipeline<kinds::Item>("items").table(); }));
  EXPECT_EQ(plugin.described(), std::uint32_t{EDDY_FAILED});
  EXPECT_THAT(plugin.refusal(), HasSubstr("the table of pipeline items is used but not declared"));
}

TEST(Declarations, OptionsArrive) {
  const FakePlugin plugin(described_by([](App& app) {
    app.stream<kinds::Item>("s", {.partitions = 4, .retention = std::chrono::weeks(1), .dead_letter_queue = "q"});
    app.dead_letter_queue<kinds::Item>("q", {.retention = std::chrono::days(90)});
    app.ingest_api<kinds::Item>("route", {.destination = "s", .dead_letter_queue = "q", .version = "2"});
    app.ingest_pipeline<kinds::Item>("bare", {.ingest_api = false, .dead_letter_queue = false});
    app.ingest_pipeline<kinds::Item>("shared", {.dead_letter_queue = "q"});
  }));
  ASSERT_EQ(plugin.described(), EDDY_OK) << plugin.refusal();
  EXPECT_EQ(plugin.find("stream", "s").partitions, 4U);
  EXPECT_EQ(plugin.find("stream", "s").retention_days, 7U);
  EXPECT_EQ(plugin.find("stream", "s").dead_letter_queue, "q");
  EXPECT_EQ(plugin.find("queue", "q").retention_days, 90U);
  EXPECT_EQ(plugin.find("ingest_api", "route").version, "2");
  EXPECT_EQ(plugin.find("ingest_api", "route").destination, "s");
  EXPECT_EQ(plugin.find("stream", "bare").dead_letter_queue, Text());
  EXPECT_EQ(plugin.find("ingest_api", "shared").dead_letter_queue, "q");
  EXPECT_THROW(plugin.find("queue", "sharedDeadLetterQueue"), std::runtime_error);
}

}  // namespace
}  // namespace eddy::test
