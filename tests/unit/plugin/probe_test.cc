// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe.h"

#include <unistd.h>

#include "plugin/probe_report.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class Probe : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(install_guard());
    auto started = Zygote::start();
    ASSERT_TRUE(started) << started.error().text;
    zygote_ = started->release();
  }
  static void TearDownTestSuite() {
    delete zygote_;
    zygote_ = nullptr;
  }

  LoaderOptions options() const {
    LoaderOptions options = loader_options(state_);
    options.zygote = zygote_;
    options.constructors_within = std::chrono::minutes(2);  // none hangs, but where a test says so
    return options;
  }
  std::string refusal(const std::string& fault) { return refusal(fault, loader_); }
  static std::string refusal(const std::string& fault, Loader& loader) {
    const Result<Loader::Admitted> admitted = loader.admit(zoo(fault), true);
    if (!admitted) return admitted.error().text;
    const Result<ImagePtr> image = loader.load(*admitted);
    return image ? "loaded" : image.error().text;
  }

  static Zygote* zygote_;
  TempDir state_;
  Loader loader_{options()};
};

Zygote* Probe::zygote_ = nullptr;

TEST_F(Probe, AGoodFileIsLoaded) {
  EXPECT_EQ(refusal("good"), "loaded");
  EXPECT_EQ(refusal("c11"), "loaded");
  EXPECT_EQ(refusal("static_libstdcxx"), "loaded");
}

struct Expected {
  const char* fault;
  const char* found;
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.fault; }

class Constructors : public Probe, public testing::WithParamInterface<Expected> {};

// A sanitizer reports a signal and exits; the sentence then tells that.
TEST_P(Constructors, AreRefusedAndTheHostGoesOn) {
  const bool exact = !kAddressSanitizer && !kThreadSanitizer;
  EXPECT_THAT(refusal(GetParam().fault),
              AllOf(StartsWith(zoo(GetParam().fault) + ": probe: expected constructors that return, found one that "),
                    HasSubstr(exact ? GetParam().found : ""), HasSubstr("the host has not loaded it")));
  EXPECT_EQ(refusal("good"), "loaded");
}

INSTANTIATE_TEST_SUITE_P(Zoo, Constructors,
                         testing::Values(Expected{"constructor_segv", "was killed by signal SIGSEGV"},
                                         Expected{"constructor_throws", "threw an exception: no licence"},
                                         Expected{"constructor_aborts", "was killed by signal SIGABRT"},
                                         Expected{"constructor_thread", "was killed by signal SIGSEGV"},
                                         Expected{"constructor_kills", "was killed by signal SIGKILL"},
                                         Expected{"constructor_exits", "exited with status 3"},
                                         Expected{"constructor_exits_at_once", "exited with status 0"},
                                         Expected{"constructor_forks", "forks, which would make two hosts of one"}));

TEST_F(Probe, AConstructorThatHangsIsEnded) {
  LoaderOptions limited = options();
  limited.constructors_within = std::chrono::milliseconds(300);
  Loader loader(limited);
  const Result<Loader::Admitted> admitted = loader.admit(zoo("constructor_hangs"), true);
  ASSERT_TRUE(admitted);
  const Result<ImagePtr> image = loader.load(*admitted);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().text, HasSubstr("found one that still ran after 300 ms"));
  EXPECT_EQ(image.error().code, Code::kRefused);
}

TEST_F(Probe, WhatTheLaterStepsFindIsToldInTheirWords) {
  EXPECT_THAT(refusal("unresolved"),
              AllOf(StartsWith(zoo("unresolved") + ": load: expected a shared object whose symbols"),
                    HasSubstr("undefined symbol: bad_function_that_is_nowhere")));
  EXPECT_THAT(refusal("entry_null"), HasSubstr("describe: expected eddy_plugin_main_v1 to return its eddy_plugin"));
  EXPECT_THAT(refusal("init_false"), HasSubstr("describe: expected EDDY_OK, found LicenceError: no licence"));
  EXPECT_THAT(refusal("declarations"), HasSubstr("function \"f_workers\": concurrency: expected at most 1024"));
}

TEST_F(Probe, AFaultInDescribeIsAlsoTheChilds) {
  if (kThreadSanitizer) GTEST_SKIP() << "the sanitizer does not survive a second signal";
  EXPECT_THAT(refusal("describe_segv"), AllOf(HasSubstr("describe: expected "), HasSubstr("SIGSEGV")));
  LoaderOptions impatient = options();
  impatient.timeout_ms = 6000;  // the call before it is not to be the one that is left
  Loader loader(impatient);
  EXPECT_THAT(refusal("describe_spins", loader), HasSubstr("describe: expected describe to return"));
  EXPECT_THAT(refusal("describe_exits"), HasSubstr("describe: expected "));
  EXPECT_FALSE(process_tainted());
}

TEST_F(Probe, TheHostNeverBeginsToLoadWhatTheProbeRefuses) {
  EXPECT_THAT(refusal("constructor_segv"), HasSubstr("probe: "));
  EXPECT_FALSE(fs::exists(state_ / "loading"));
}

std::string maps() { return bytes_of("/proc/self/maps"); }

TEST_F(Probe, WhatIsNotNeededHereIsNeverLoadedHere) {
  LoaderOptions elsewhere = options();
  elsewhere.in_host = [](const Manifest& manifest) { return manifest.functions.front().name == "good"; };
  Loader loader(elsewhere);
  for (int i = 0; i < 2; ++i) {
    const Result<Loader::Admitted> admitted = loader.admit(zoo("c11"), true);
    ASSERT_TRUE(admitted);
    const Result<ImagePtr> image = loader.load(*admitted);
    ASSERT_TRUE(image) << image.error().text;
    EXPECT_FALSE((*image)->in_host());
    EXPECT_EQ((*image)->manifest.functions.size(), 4U);
    EXPECT_EQ((*image)->function("c11_transform")->input_model->name(), "Counted");
    EXPECT_TRUE(fs::exists((*image)->mapped_path)) << "for the processes that do load it";
    EXPECT_THAT(maps(), testing::Not(HasSubstr((*image)->mapped_path)));
  }
  const Result<Loader::Admitted> admitted = loader.admit(zoo("good"), true);
  ASSERT_TRUE(admitted);
  const Result<ImagePtr> image = loader.load(*admitted);
  ASSERT_TRUE(image) << image.error().text;
  EXPECT_TRUE((*image)->in_host());
  EXPECT_THAT(maps(), HasSubstr((*image)->mapped_path));
}

TEST(ProbeReport, IsReadAsFarAsItMakesSense) {
  auto file = ProbeReport::make_file();
  ASSERT_TRUE(file);
  EXPECT_EQ(ProbeReport::read(file->get()).step, ProbeReport::Step::kNone);
  report_step(file->get(), ProbeReport::Step::kDescribe);
  EXPECT_EQ(ProbeReport::read(file->get()).step, ProbeReport::Step::kDescribe);
  for (const std::string noise : {"\n\0\xFF\n", "[1]\n", "{\"step\":99}\n", "{\"step\":-1}\n", "{\"step\":\"x\"}\n",
                                  "{\"refusal\":7}\n", "{\"step\":3"}) {
    ASSERT_EQ(write(file->get(), noise.data(), noise.size()), static_cast<ssize_t>(noise.size()));
    const ProbeReport report = ProbeReport::read(file->get());
    EXPECT_EQ(report.step, ProbeReport::Step::kDescribe) << noise;
    EXPECT_FALSE(report.refusal) << noise;
  }
  ASSERT_EQ(write(file->get(), "}\n", 2), 2);
  EXPECT_EQ(ProbeReport::read(file->get()).step, ProbeReport::Step::kDone);
  report_refusal(file->get(), {Code::kUnavailable, "load: not\nnow"});
  EXPECT_EQ(ProbeReport::read(file->get()).refusal->text, "load: not\nnow");
  EXPECT_EQ(ProbeReport::read(file->get()).refusal->code, Code::kUnavailable);
}

}  // namespace
}  // namespace eddy::host
