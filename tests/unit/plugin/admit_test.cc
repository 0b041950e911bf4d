// SPDX-License-Identifier: Apache-2.0
// The steps before any code of a plugin runs: every refusal names the file, the step, what was expected and found.
#include <elf.h>

#include <cstring>

#include "base/hash.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::string refusal(const std::string& path) {
  const Result<Loader::Admitted> admitted = Loader({}).admit(path, true);
  return admitted ? "admitted" : admitted.error().text;
}

struct Refusal {
  const char* fault;
  const char* step;
  const char* expected;
  const char* found;
  const char* advice;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.fault; }

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, WithASentence) {
  const Refusal& expected = GetParam();
  EXPECT_THAT(
      refusal(zoo(expected.fault)),
      AllOf(StartsWith(zoo(expected.fault) + ": " + expected.step + ": expected "), HasSubstr(expected.expected),
            HasSubstr(std::string("found ") + expected.found), HasSubstr(expected.advice)));
}

INSTANTIATE_TEST_SUITE_P(
    Zoo, Refused,
    testing::Values(
        Refusal{"no_symbol", "elf", "the exported function eddy_plugin_main_v1", "no such export", "EDDY_EXPORT"},
        Refusal{"wrong_major", "elf", "eddy_plugin_main_v1 (this host speaks ABI 1)",
                "eddy_plugin_main_v2: the plugin was built for ABI 2", "run a host that speaks ABI 2"},
        Refusal{"gnu_unique", "elf", "no GNU_UNIQUE symbols", "bad::counter", "-fno-gnu-unique"},
        Refusal{"static_libstdcxx_exported", "elf", "no GNU_UNIQUE symbols", "", "version script"},
        Refusal{"exec_stack", "elf", "a stack that is not executable", "an executable stack", "noexecstack"},
        Refusal{"rpath", "elf", "no library path of its own", "DT_RUNPATH /opt/bad/lib", "SKIP_BUILD_RPATH"},
        Refusal{"nodelete", "elf", "a plugin like any other", "DF_1_NODELETE", "nodelete"},
        Refusal{"textrel", "elf", "no text relocations", "DT_TEXTREL", "-fPIC"},
        Refusal{"not_shared", "elf", "a shared object", "an executable", "-shared"},
        Refusal{"no_note", "note", "the Eddy ABI note", "none", "EDDY_DEFINE_ABI_NOTE"},
        Refusal{"two_notes", "note", "an Eddy note", "two ABI notes", "once per plugin"},
        Refusal{"bad_name", "note", "a plugin name", "\"a/b\"", "EDDY_PLUGIN_INFO"},
        Refusal{"wrong_major_note", "note", "ABI major 1 (this host speaks ABI 1.0)", "ABI 2.0 (SDK 9.8.7)", "rebuild"},
        Refusal{"newer_minor", "note", "an ABI minor of at most 0 (this host speaks ABI 1.0)", "ABI 1.7 (SDK 9.8.7)",
                "run a newer host"}),
    [](const auto& test) { return std::string(test.param.fault); });

TEST(Admit, RefusesAnotherSanitizer) {
  const std::string fault = kAddressSanitizer ? "needs_tsan" : "needs_asan";
  EXPECT_THAT(refusal(zoo(fault)),
              AllOf(HasSubstr("elf: expected a plugin built with the sanitizer of this host"),
                    HasSubstr(kAddressSanitizer ? "found one that needs libtsan" : "found one that needs libasan")));
}

TEST(Admit, TakesTheHostsOwnSanitizer) {
  if (!kAddressSanitizer && !kThreadSanitizer) GTEST_SKIP() << "this host has none";
  EXPECT_EQ(refusal(zoo(kAddressSanitizer ? "needs_asan" : "needs_tsan")), "admitted");
}

TEST(Admit, TellsWhatIsNoSharedObject) {
  const TempDir directory;
  const auto found = [&](const std::string& bytes) { return refusal(directory.write("file.so", bytes)); };
  const std::string expected = "elf: expected an x86-64 shared object, found ";
  EXPECT_THAT(found("Hello, plugin\n"), HasSubstr(expected + "a text file"));
  EXPECT_THAT(found("#!/bin/sh\nexit 0\n"), HasSubstr(expected + "a script"));
  EXPECT_THAT(found("!<arch>\nrest"), HasSubstr(expected + "a static library"));
  EXPECT_THAT(found(std::string("\0\1\2", 3)), HasSubstr(expected + "no ELF file"));
  EXPECT_THAT(found("\x7f"
                    "ELF\2\1\1"),
              HasSubstr(expected + "the first 7 bytes of an ELF file"));
}

TEST(Admit, TellsAnotherMachine) {
  const TempDir directory;
  std::string bytes = bytes_of(zoo("good"));
  const std::uint16_t machine = EM_AARCH64;
  std::memcpy(bytes.data() + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof machine);
  const std::string path = directory.write("wrong_architecture.so", bytes);
  EXPECT_THAT(refusal(path), AllOf(StartsWith(path + ": elf: expected an x86-64 shared object, found one for AArch64"),
                                   HasSubstr("build it for this machine")));
}

TEST(Admit, RefusesASegmentThatIsWrittenAndRun) {
  const TempDir directory;
  std::string bytes = bytes_of(zoo("good"));
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    char* const at = bytes.data() + header.e_phoff + i * sizeof segment;
    std::memcpy(&segment, at, sizeof segment);
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) segment.p_flags |= PF_W;
    std::memcpy(at, &segment, sizeof segment);
  }
  EXPECT_THAT(refusal(directory.write("writable_text.so", bytes)),
              HasSubstr("elf: expected no segment that is both written and run, found one"));
}

TEST(Admit, TakesTheOutputOfEveryLinker) {
  int linkers = 0;
  for (const char* linker : {"bfd", "gold", "lld", "mold"}) {
    const std::string path = zoo(std::string("good_") + linker);
    if (!fs::exists(path)) continue;
    EXPECT_EQ(refusal(path), "admitted") << linker;
    ++linkers;
  }
  EXPECT_GT(linkers, 0);
}

TEST(Admit, NamesThePluginByItsNote) {
  const Result<Loader::Admitted> admitted = Loader({}).admit(zoo("good_v2"), true);
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->identity.name, "good");
  EXPECT_EQ(admitted->identity.version, "2.0.0");
  EXPECT_EQ(admitted->identity.file, zoo("good_v2"));
  EXPECT_EQ(admitted->identity.sha256, to_hex(sha256(bytes_of(zoo("good_v2")))));
  EXPECT_EQ(admitted->abi_major, 1);
  EXPECT_EQ(admitted->abi_minor_required, 0);
  EXPECT_EQ(admitted->sdk_version, EDDY_SDK_VERSION);
}

TEST(Admit, NamesAPluginWithoutInfoByItsFileAndBuildId) {
  const TempDir directory;
  const std::string path = directory.put("entry_null", "my-plugin.so");
  const Result<Loader::Admitted> named = Loader({}).admit(path, true);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->identity.name, "bad_entry") << "the note wins over the file name";
  // The fault of this one is in its note's minor; with the minor mended it has no info note.
  std::string bytes = bytes_of(zoo("newer_minor"));
  const std::size_t note = bytes.find(std::string("Eddy\0\0\0\0\1\0\7\0", 12));
  ASSERT_NE(note, std::string::npos);
  bytes[note + 10] = 0;
  const Result<Loader::Admitted> unnamed = Loader({}).admit(directory.write("my-plugin.so", bytes), true);
  ASSERT_TRUE(unnamed) << unnamed.error().text;
  EXPECT_EQ(unnamed->identity.name, "my-plugin");
  const std::string id = unnamed->identity.build_id.empty() ? unnamed->identity.sha256 : unnamed->identity.build_id;
  EXPECT_EQ(unnamed->identity.version, id.substr(0, 12));
  EXPECT_THAT(refusal(directory.write("my plugin.so", bytes)), HasSubstr("note: expected a plugin name"));
}

}  // namespace
}  // namespace eddy::host
