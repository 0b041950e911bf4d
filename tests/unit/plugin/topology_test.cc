// SPDX-License-Identifier: Apache-2.0
#include "plugin/topology.h"

#include "plugin/nearest.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ModelPtr model_of(std::uint32_t kind) {
  const eddy_type type{sizeof(eddy_type), kind, nullptr, nullptr, nullptr, 0};
  const eddy_field field{sizeof(eddy_field), 0, {"count", 5}, &type};
  const eddy_model model{sizeof(eddy_model), 1, sizeof(eddy_field), 0, {"Counted", 7}, &field, nullptr};
  return *Model::compile(&model);
}

// A plugin made by hand.
class Plugin {
 public:
  explicit Plugin(const std::string& name) {
    image_->identity.name = name;
    image_->identity.file = "plugins.d/" + name + ".so";
  }
  Plugin& stream(StreamDecl decl) {
    image_->manifest.streams.push_back(std::move(decl));
    return *this;
  }
  Plugin& stream(const std::string& name, ModelPtr model = {}) {
    StreamDecl decl;
    decl.name = name;
    decl.model = std::move(model);
    return stream(std::move(decl));
  }
  Plugin& queue(const std::string& name, ModelPtr model = {}) {
    image_->manifest.queues.push_back({name, std::move(model), 0});
    return *this;
  }
  Plugin& table(const std::string& name, ModelPtr model) {
    image_->manifest.tables.push_back({name, std::move(model)});
    return *this;
  }
  Plugin& api(const std::string& name, const std::string& destination, const std::string& version = {}) {
    image_->manifest.ingest_apis.push_back({name, version, {}, destination, {}});
    return *this;
  }
  Plugin& transform(const std::string& name, const std::string& from, const std::string& to, ModelPtr output = {}) {
    FunctionDecl decl;
    decl.name = name;
    decl.kind = to.empty() ? EDDY_FUNCTION_CONSUMER : EDDY_FUNCTION_TRANSFORM;
    decl.input = EDDY_INPUT_RECORD;
    decl.source = from;
    decl.destination = to;
    decl.output_model = std::move(output);
    image_->manifest.functions.push_back(std::move(decl));
    return *this;
  }
  Plugin& with_queue(const std::string& queue) {
    image_->manifest.functions.back().dead_letter_queue = queue;
    return *this;
  }
  Plugin& of_dead_letters() {
    image_->manifest.functions.back().input = EDDY_INPUT_DEAD_LETTER;
    return *this;
  }
  operator ImagePtr() const { return image_; }

 private:
  std::shared_ptr<Image> image_ = std::make_shared<Image>();
};

std::vector<std::string> errors(const std::vector<ImagePtr>& images) {
  std::vector<std::string> texts;
  const MergeResult merged = merge(images);
  for (const Error& error : merged.errors) texts.push_back(error.text);
  EXPECT_EQ(merged.errors.size(), merged.blamed.size());
  return texts;
}

std::vector<std::size_t> blamed(const std::vector<ImagePtr>& images) { return merge(images).blamed; }

TEST(Topology, HasTheHostsQueueFromTheStart) {
  const Topology topology = merge({}).topology;
  ASSERT_EQ(topology.streams.size(), 2u);
  EXPECT_TRUE(topology.streams.at("eddy_dead_letters").queue);
  EXPECT_TRUE(topology.streams.at("eddy_dead_letters.parked").queue);
  EXPECT_EQ(topology.streams.at("eddy_dead_letters").declared_in, "");
}

TEST(Topology, MergesWhatIsDeclaredAlikeAndFillsInWhatIsLeftOpen) {
  StreamDecl bare;
  bare.name = "in";
  StreamDecl full{"in", model_of(EDDY_TYPE_I64), 4, 9, "dlq", "rows"};
  const ImagePtr a = Plugin("a").stream(bare);
  const ImagePtr b = Plugin("b").stream(full).queue("dlq").table("rows", model_of(EDDY_TYPE_I64));
  const ImagePtr c = Plugin("c").stream(full);
  const MergeResult merged = merge({a, b, c});
  EXPECT_THAT(errors({a, b, c}), IsEmpty());
  const TopologyStream& stream = merged.topology.streams.at("in");
  EXPECT_EQ(stream.partitions, 4u);
  EXPECT_EQ(stream.retention_days, 9u);
  EXPECT_EQ(stream.dead_letter_queue, "dlq");
  EXPECT_EQ(stream.destination, "rows");
  EXPECT_EQ(stream.declared_in, "a");
  EXPECT_TRUE(stream.model);
}

TEST(Topology, QueuesHaveAParkedQueue) {
  const Topology topology = merge({Plugin("a").queue("dlq", model_of(EDDY_TYPE_I64))}).topology;
  const TopologyStream& parked = topology.streams.at("dlq.parked");
  EXPECT_TRUE(parked.queue);
  EXPECT_TRUE(parked.model);
  EXPECT_EQ(parked.declared_in, "a");
}

TEST(Topology, ResolvesTheDeadLetterQueue) {
  StreamDecl in;
  in.name = "in";
  in.dead_letter_queue = "inherited";
  const ImagePtr image = Plugin("a")
                             .stream(in)
                             .stream("bare")
                             .queue("own")
                             .queue("inherited")
                             .transform("with_own", "in", "")
                             .with_queue("own")
                             .transform("inherits", "in", "")
                             .transform("host_wide", "bare", "")
                             .transform("recovers", "own", "bare")
                             .of_dead_letters()
                             .with_queue("inherited");
  const MergeResult merged = merge({image});
  ASSERT_THAT(errors({image}), IsEmpty());
  const auto& functions = merged.topology.functions;
  EXPECT_EQ(functions.at("with_own").dead_letter_queue, "own");
  EXPECT_EQ(functions.at("inherits").dead_letter_queue, "inherited");
  EXPECT_EQ(functions.at("host_wide").dead_letter_queue, "eddy_dead_letters");
  EXPECT_EQ(functions.at("recovers").dead_letter_queue, "own") << "back to where it came from";
  EXPECT_EQ(functions.at("recovers").image, image);
  EXPECT_EQ(functions.at("recovers").decl, image->function("recovers"));
}

TEST(Topology, SuggestsTheNearestName) {
  const ImagePtr image = Plugin("movies").stream("raw_events").transform("f", "raw_event", "");
  EXPECT_THAT(errors({image}),
              ElementsAre("function \"f\" of plugin movies: source: expected a declared stream or queue, found "
                          "\"raw_event\"; did you mean \"raw_events\" of plugin movies?"));
}

TEST(Topology, RefusesUnknownNames) {
  StreamDecl in;
  in.name = "in";
  in.dead_letter_queue = "nowhere1";
  in.destination = "nowhere2";
  const ImagePtr image =
      Plugin("a").stream(in).api("api", "nowhere3").transform("f", "in", "nowhere4").with_queue("nowhere5");
  EXPECT_THAT(errors({image}),
              testing::UnorderedElementsAre(
                  AllOf(HasSubstr("stream \"in\" of plugin a: dead_letter_queue: expected a declared queue, found "
                                  "\"nowhere1\""),
                        HasSubstr("declare it")),
                  HasSubstr("stream \"in\" of plugin a: destination: expected a declared table, found \"nowhere2\""),
                  HasSubstr("ingest API \"api\" of plugin a: destination: expected a declared stream, found "
                            "\"nowhere3\""),
                  HasSubstr("function \"f\" of plugin a: destination: expected a declared stream, found \"nowhere4\""),
                  HasSubstr("function \"f\" of plugin a: dead_letter_queue: expected a declared queue, found "
                            "\"nowhere5\"")));
}

TEST(Topology, TellsStreamsFromQueues) {
  const ImagePtr image = Plugin("a")
                             .stream("s")
                             .queue("q")
                             .transform("writes_to_queue", "s", "q")
                             .transform("fails_to_stream", "s", "")
                             .with_queue("s")
                             .transform("letters_from_stream", "s", "")
                             .of_dead_letters();
  EXPECT_THAT(errors({image}),
              testing::UnorderedElementsAre(
                  HasSubstr("\"writes_to_queue\" of plugin a: destination: expected a stream, found the dead letter "
                            "queue \"q\" of plugin a"),
                  HasSubstr("dead_letter_queue: expected a dead letter queue, found the stream \"s\" of plugin a"),
                  HasSubstr("source: expected a dead letter queue, as it takes dead letters, found the stream \"s\"")));
}

TEST(Topology, RefusesANameOfTwoKinds) {
  const ImagePtr a = Plugin("a").stream("x");
  const ImagePtr b = Plugin("b").queue("x");
  EXPECT_THAT(errors({a, b}), ElementsAre("stream \"x\": expected one declaration, found a stream in plugin a and a "
                                          "dead letter queue in plugin b; rename one of them"));
  EXPECT_THAT(blamed({a, b}), ElementsAre(1));
  EXPECT_THAT(errors({ImagePtr(Plugin("c").stream("eddy_dead_letters"))}),
              ElementsAre(HasSubstr("found a dead letter queue in the host and a stream in plugin c")));
  EXPECT_THAT(errors({ImagePtr(Plugin("d").queue("q").stream("q.parked"))}),
              ElementsAre(HasSubstr("where letters of q are parked")));
}

TEST(Topology, RefusesTwoDifferentDeclarations) {
  StreamDecl four;
  four.name = "x";
  four.partitions = 4;
  StreamDecl eight = four;
  eight.partitions = 8;
  EXPECT_THAT(errors({ImagePtr(Plugin("a").stream(four)), ImagePtr(Plugin("b").stream(eight))}),
              ElementsAre(HasSubstr("stream \"x\": expected one declaration, found 4 partitions in plugin a and 8 "
                                    "partitions in plugin b")));
  EXPECT_THAT(errors({ImagePtr(Plugin("a").stream("x", model_of(EDDY_TYPE_I64))),
                      ImagePtr(Plugin("b").stream("x", model_of(EDDY_TYPE_STRING)))}),
              ElementsAre(AllOf(HasSubstr("found model Counted in plugin a and model Counted in plugin b"),
                                HasSubstr("/count"))));
  EXPECT_THAT(errors({ImagePtr(Plugin("a").table("t", model_of(EDDY_TYPE_I64))),
                      ImagePtr(Plugin("b").table("t", model_of(EDDY_TYPE_STRING)))}),
              ElementsAre(AllOf(HasSubstr("table \"t\""), HasSubstr("in plugin a"), HasSubstr("in plugin b"))));
}

TEST(Topology, RefusesNamesUsedTwice) {
  const ImagePtr a = Plugin("a").stream("in").api("api", "in").transform("f", "in", "");
  const ImagePtr b = Plugin("b").api("api", "in").transform("f", "in", "");
  EXPECT_THAT(
      errors({a, b}),
      ElementsAre(HasSubstr("ingest API \"api\": expected one declaration, found it in plugin a and in plugin b"),
                  HasSubstr("function \"f\": expected one declaration, found it in plugin a and in plugin b")));
  const ImagePtr versioned = Plugin("c").api("api", "in", "v2");
  EXPECT_THAT(errors({a, versioned}), IsEmpty());
  EXPECT_THAT(errors({ImagePtr(Plugin("a")), ImagePtr(Plugin("a"))}),
              ElementsAre(HasSubstr("found plugins.d/a.so and plugins.d/a.so")));
}

TEST(Topology, RefusesAnOutputOfAnotherModel) {
  const ImagePtr a = Plugin("a").stream("in").stream("out", model_of(EDDY_TYPE_I64));
  const ImagePtr b = Plugin("b").transform("f", "in", "out", model_of(EDDY_TYPE_STRING));
  EXPECT_THAT(errors({a, b}),
              ElementsAre(AllOf(HasSubstr("function \"f\" of plugin b: expected model Counted of stream \"out\" in "
                                          "plugin a, found model Counted: "),
                                HasSubstr("/count"))));
  EXPECT_THAT(errors({a, ImagePtr(Plugin("b").transform("f", "in", "out", model_of(EDDY_TYPE_I64)))}), IsEmpty());
  EXPECT_THAT(errors({a, ImagePtr(Plugin("b").transform("f", "in", "out"))}), IsEmpty()) << "bytes go anywhere";
}

TEST(Topology, BlamesWhoeverCameLast) {
  const ImagePtr first =
      Plugin("first").stream("in").stream("out").transform("f", "in", "out", model_of(EDDY_TYPE_I64));
  const ImagePtr gives_model = Plugin("second").stream("out", model_of(EDDY_TYPE_STRING));
  EXPECT_THAT(blamed({first, gives_model}), ElementsAre(1)) << "the function was right before the model came";
  EXPECT_THAT(blamed({gives_model, first}), ElementsAre(1));
  StreamDecl names_queue;
  names_queue.name = "in";
  names_queue.dead_letter_queue = "nowhere";
  EXPECT_THAT(blamed({first, ImagePtr(Plugin("third").stream(names_queue))}), ElementsAre(1));
}

TEST(Topology, RefusesCycles) {
  const ImagePtr a = Plugin("a").stream("x").stream("y").stream("z").transform("f", "x", "y").transform("g", "y", "z");
  EXPECT_THAT(errors({a}), IsEmpty());
  const ImagePtr b = Plugin("b").transform("h", "z", "x");
  EXPECT_THAT(errors({a, b}),
              ElementsAre(AllOf(HasSubstr("found x -> y (function \"f\" of plugin a) -> z (function \"g\" of plugin a) "
                                          "-> x (function \"h\" of plugin b)"))));
  EXPECT_THAT(blamed({a, b}), ElementsAre(1));
  EXPECT_THAT(errors({ImagePtr(Plugin("c").stream("x").transform("f", "x", "x"))}), ElementsAre(HasSubstr("x -> x")));
}

TEST(Topology, AQueueBreaksACycle) {
  const ImagePtr image = Plugin("a")
                             .stream("in")
                             .stream("out")
                             .queue("dlq")
                             .transform("f", "in", "out")
                             .with_queue("dlq")
                             .transform("recover", "dlq", "in")
                             .of_dead_letters();
  EXPECT_THAT(errors({image}), IsEmpty());
}

TEST(NearestKey, IsNearEnoughOrNone) {
  const std::map<std::string, int> names{{"movies", 1}, {"events", 2}};
  EXPECT_EQ(*nearest_key(names, "movie"), "movies");
  EXPECT_EQ(*nearest_key(names, "evnets"), "events");
  EXPECT_EQ(nearest_key(names, "something else"), nullptr);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace eddy::host
