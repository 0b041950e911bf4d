// SPDX-License-Identifier: Apache-2.0
// The steps that run a plugin's code.
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Load : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(install_guard()); }

  Result<ImagePtr> load(const std::string& fault) { return load(fault, loader_); }
  static Result<ImagePtr> load(const std::string& fault, Loader& loader) {
    Result<Loader::Admitted> admitted = loader.admit(zoo(fault), true);
    if (!admitted) return admitted.take_error();
    return loader.load(*admitted);
  }
  std::string refusal(const std::string& fault) { return refusal(fault, loader_); }
  static std::string refusal(const std::string& fault, Loader& loader) {
    const Result<ImagePtr> image = load(fault, loader);
    return image ? "loaded" : image.error().text;
  }
  // One call of a function of the image, unguarded.
  static std::uint32_t call(const Image& image, const std::string& function, const std::string& value, FakeCall& fake) {
    eddy_record record{};
    record.struct_size = sizeof record;
    record.value = {value.data(), value.size()};
    eddy_input input{};
    input.struct_size = sizeof input;
    input.record = &record;
    const eddy_function_decl& code = image.function(function)->code;
    return code.process(code.user, nullptr, &input, fake.handle());
  }

  TempDir state_;
  Loader loader_{loader_options(state_)};
};

TEST_F(Load, GivesTheManifest) {
  const Result<ImagePtr> loaded = load("c11");
  ASSERT_TRUE(loaded) << loaded.error().text;
  const Manifest& manifest = (*loaded)->manifest;
  ASSERT_EQ(manifest.streams.size(), 2u);
  EXPECT_EQ(manifest.streams[0].name, "c11_in");
  EXPECT_EQ(manifest.streams[0].partitions, 4u);
  EXPECT_EQ(manifest.streams[0].retention_days, 2u);
  EXPECT_EQ(manifest.streams[0].dead_letter_queue, "c11_dlq");
  EXPECT_EQ(manifest.streams[1].destination, "c11_rows");
  ASSERT_EQ(manifest.queues.size(), 1u);
  EXPECT_EQ(manifest.queues[0].retention_days, 9u);
  ASSERT_EQ(manifest.tables.size(), 1u);
  ASSERT_EQ(manifest.ingest_apis.size(), 1u);
  EXPECT_EQ(manifest.ingest_apis[0].version, "v1");
  EXPECT_EQ(manifest.ingest_apis[0].destination, "c11_in");
  ASSERT_EQ(manifest.functions.size(), 4u);
  const FunctionDecl* const transform = (*loaded)->function("c11_transform");
  ASSERT_NE(transform, nullptr);
  EXPECT_EQ(transform->kind, EDDY_FUNCTION_TRANSFORM);
  EXPECT_EQ(transform->concurrency, 2u);
  EXPECT_EQ(transform->destination, "c11_out");
  EXPECT_EQ((*loaded)->function("no such"), nullptr);
}

TEST_F(Load, CompilesAModelOnce) {
  const Result<ImagePtr> loaded = load("c11");
  ASSERT_TRUE(loaded) << loaded.error().text;
  const Manifest& manifest = (*loaded)->manifest;
  ASSERT_EQ(manifest.models.size(), 1u);
  EXPECT_EQ(manifest.models[0].second->name(), "Counted");
  EXPECT_EQ(manifest.models[0].second, manifest.streams[0].model);
  EXPECT_EQ(manifest.models[0].second, manifest.functions[0].input_model);
  EXPECT_EQ(manifest.models[0].first, manifest.functions[0].code.input_model) << "found by the plugin's own pointer";
}

TEST_F(Load, GivesANewImageEveryTime) {
  const Result<ImagePtr> first = load("good");
  const Result<ImagePtr> second = load("good");
  ASSERT_TRUE(first) << first.error().text;
  ASSERT_TRUE(second) << second.error().text;
  EXPECT_LT((*first)->generation, (*second)->generation);
  EXPECT_NE((*first)->mapped_path, (*second)->mapped_path);
  const auto address = [](const ImagePtr& image) {
    return reinterpret_cast<std::uintptr_t>(image->function("good")->code.process);
  };
  EXPECT_NE(address(*first), address(*second)) << "not the same code mapped twice under one handle";
  EXPECT_TRUE((*first)->code.contains(address(*first)));
  EXPECT_FALSE((*first)->code.contains(address(*second)));
}

TEST_F(Load, RunsAPluginWithItsOwnStandardLibrary) {
  const Result<ImagePtr> loaded = load("static_libstdcxx");
  ASSERT_TRUE(loaded) << loaded.error().text;
  FakeCall good;
  EXPECT_EQ(call(**loaded, "bad_static_libstdcxx", "fine", good), EDDY_OK);
  EXPECT_THAT(good.outputs, ElementsAre("fine"));
  FakeCall bad;
  EXPECT_EQ(call(**loaded, "bad_static_libstdcxx", "bad thing", bad), EDDY_FAILED);
  EXPECT_EQ(bad.error_type, "std::runtime_error");
  EXPECT_EQ(bad.error_message, "a bad record: bad thing");
  EXPECT_TRUE(bad.outputs.empty());
}

TEST_F(Load, TellsTheMissingSymbol) {
  EXPECT_THAT(refusal("unresolved"),
              AllOf(StartsWith(zoo("unresolved") + ": load: expected a shared object whose symbols"),
                    HasSubstr("undefined symbol: bad_function_that_is_nowhere"), HasSubstr("-Wl,-z,defs")));
}

struct Expected {
  const char* fault;
  const char* text;
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.fault; }

class Describe : public Load, public testing::WithParamInterface<Expected> {};

TEST_P(Describe, IsRefusedWithASentence) {
  EXPECT_THAT(refusal(GetParam().fault),
              AllOf(StartsWith(zoo(GetParam().fault) + ": describe: "), HasSubstr(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    Zoo, Describe,
    testing::Values(Expected{"entry_null", "expected eddy_plugin_main_v1 to return its eddy_plugin, found NULL"},
                    Expected{"entry_small", "found a struct of 8 bytes without one"},
                    Expected{"entry_no_describe", "expected an eddy_plugin with a describe function"},
                    Expected{"entry_disagrees", "expected the ABI of the note, 1.0, found ABI 1.3 in eddy_plugin"},
                    Expected{"init_false", "found LicenceError: no licence on this machine"},
                    Expected{"silent_false", "found EDDY_FAILED without a reason"},
                    Expected{"null_function",
                             "function \"bad_null_function\": process: expected a function, found NULL"},
                    Expected{"foreign_code", "expected functions in the plugin's own code, found process elsewhere"},
                    Expected{"self_model", "queue \"bad_self_model_dlq\": model: "},
                    Expected{"declarations", "stream: expected a name, found none"},
                    Expected{"declarations", "found \"a name with spaces\""},
                    Expected{"declarations", "queue: the declaration is NULL"},
                    Expected{"declarations", "table \"t\": expected a model, found NULL"},
                    Expected{"declarations", "function \"f_kind\": kind: expected transform (1)"},
                    Expected{"declarations", "function \"f_row\": input_model: expected a model"},
                    Expected{"declarations", "function \"f_destination\": destination: expected a stream"},
                    Expected{"declarations", "function \"f_workers\": concurrency: expected at most 1024, found 5000"},
                    Expected{"declarations", "expected both create and destroy or neither, found only destroy"},
                    Expected{"declarations", "function: struct_size: expected at least 128, found 24"}));

class DescribeFaults : public Load, public testing::WithParamInterface<Expected> {
 protected:
  void survives_and_refuses(Loader& loader) {
    if (kThreadSanitizer) GTEST_SKIP() << "the sanitizer does not survive a second signal";
    EXPECT_THAT(refusal(GetParam().fault, loader), AllOf(StartsWith(zoo(GetParam().fault) + ": describe: expected "),
                                                         HasSubstr(GetParam().text), HasSubstr("not called again")));
    EXPECT_EQ(refusal("good"), "loaded") << "the host goes on";
  }
};

TEST_P(DescribeFaults, IsSurvivedAndRefused) { survives_and_refuses(loader_); }

INSTANTIATE_TEST_SUITE_P(Zoo, DescribeFaults,
                         testing::Values(Expected{"describe_throws", "no such database"},
                                         Expected{"describe_segv", "SIGSEGV"}, Expected{"describe_exits", "exit"},
                                         Expected{"entry_wild", "SIGSEGV"}, Expected{"bad_pointer", "SIGSEGV"}));

class DescribeHangs : public DescribeFaults {};

TEST_P(DescribeHangs, IsSurvivedAndRefused) {
  const TempDir state;
  // The call before it is not to be the one that is left.
  Loader impatient(loader_options(state, 6000));
  survives_and_refuses(impatient);
}

INSTANTIATE_TEST_SUITE_P(Zoo, DescribeHangs, testing::Values(Expected{"describe_spins", "describe to return"}));

}  // namespace
}  // namespace eddy::host
