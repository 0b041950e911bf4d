// SPDX-License-Identifier: Apache-2.0
// Files that are not whole: the loader of the system would die on most of them, so none may get that far.
#include <cstring>
#include <random>

#include "plugin/elf.h"
#include "plugin/elf_rules.h"
#include "plugin/note.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The steps of admit() that look at the bytes, in memory.
std::string look(const std::string& bytes) {
  const Result<Elf> elf = Elf::parse(bytes);
  if (!elf) return elf.error().text;
  const Result<void> rules = check_rules(*elf);
  if (!rules) return rules.error().text;
  const Result<PluginNote> note = read_note(*elf);
  return note ? "admitted" : note.error().text;
}

class Damage : public testing::TestWithParam<const char*> {
 protected:
  std::string good_ = bytes_of(zoo(GetParam()));
};

TEST_P(Damage, EveryCutIsRefused) {
  ASSERT_EQ(look(good_), "admitted");
  for (std::size_t i = 0; i < 200; ++i) {
    const std::size_t size = good_.size() * i / 200;
    EXPECT_THAT(look(good_.substr(0, size)), StartsWith("elf: expected")) << size << " bytes";
  }
  EXPECT_THAT(look(good_.substr(0, good_.size() - 1)), HasSubstr("the file is cut off"));
}

TEST_P(Damage, EveryTailOfZerosIsRefused) {
  for (std::size_t i = 0; i < 200; ++i) {
    std::string bytes = good_.substr(0, good_.size() * i / 200);
    bytes.resize(good_.size(), '\0');
    EXPECT_THAT(look(bytes), StartsWith("elf: expected")) << i;
  }
}

// What is admitted after a random change may still be wrong in its code; that looking at it is safe is what this shows.
TEST_P(Damage, RandomBytesNeverHurtTheLook) {
  std::mt19937 random(20240229);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string bytes = good_;
    const std::size_t changes = 1 + random() % 8;
    // Half of them in the headers, where a change matters most.
    for (std::size_t n = 0; n < changes; ++n) {
      bytes[random() % (i % 2 == 0 ? bytes.size() : 1024)] = static_cast<char>(random());
    }
    refused += look(bytes) == "admitted" ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
}

TEST_P(Damage, AnEmptyNoteMayLieAnywhere) {
  Elf64_Ehdr header;
  std::memcpy(&header, good_.data(), sizeof header);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    Elf64_Phdr segment;
    std::memcpy(&segment, good_.data() + at, sizeof segment);
    if (segment.p_type != PT_NOTE) continue;
    segment.p_filesz = segment.p_memsz = 0;
    segment.p_offset = good_.size() + 1;
    std::memcpy(good_.data() + at, &segment, sizeof segment);
  }
  EXPECT_THAT(look(good_), StartsWith("note: expected the Eddy ABI note, found none"));
}

INSTANTIATE_TEST_SUITE_P(Zoo, Damage, testing::Values("good", "static_libstdcxx"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Truncated, IsRefusedAsAFile) {
  const TempDir directory;
  const std::string good = bytes_of(zoo("good"));
  for (std::size_t i = 0; i < 200; ++i) {
    const std::string path = directory.write("truncated_elf.so", good.substr(0, good.size() * i / 200));
    const Result<Loader::Admitted> admitted = Loader({}).admit(path);
    ASSERT_FALSE(admitted) << i;
    EXPECT_THAT(admitted.error().text, StartsWith(path + (i == 0 ? ": open: expected" : ": elf: expected")));
  }
}

TEST(HalfWritten, IsToldAsSuch) {
  const TempDir directory;
  std::string bytes = bytes_of(zoo("good"));
  const std::size_t size = bytes.size();
  bytes.resize(size * 3 / 4);
  bytes.resize(size, '\0');
  const std::string path = directory.write("half_written.so", bytes);
  const Result<Loader::Admitted> admitted = Loader({}).admit(path);
  ASSERT_FALSE(admitted);
  EXPECT_THAT(admitted.error().text, HasSubstr("found zeros where they belong: the file is only half written"));
  EXPECT_THAT(admitted.error().text, HasSubstr("move it into place when it is whole"));
}

}  // namespace
}  // namespace eddy::host
