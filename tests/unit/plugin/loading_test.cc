// SPDX-License-Identifier: Apache-2.0
// What the loader of the system follows without looking: each table with one thing wrong in it, and the sentence.
#include <cstring>

#include "plugin/elf.h"
#include "plugin/elf_rules.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;

class Loading : public testing::Test {
 protected:
  std::string look() const {
    const Result<Elf> elf = Elf::parse(bytes_);
    if (!elf) return elf.error().text;
    const Result<void> rules = check_rules(*elf);
    return rules ? "taken" : rules.error().text;
  }

  template <typename T>
  T& at(std::uint64_t offset) {
    return *reinterpret_cast<T*>(bytes_.data() + offset);
  }
  Elf64_Ehdr& header() { return at<Elf64_Ehdr>(0); }

  // The n-th segment of a type.
  Elf64_Phdr& segment(std::uint32_t type, int n = 0) {
    for (unsigned i = 0; i < header().e_phnum; ++i) {
      auto& one = at<Elf64_Phdr>(header().e_phoff + i * sizeof(Elf64_Phdr));
      if (one.p_type == type && n-- == 0) return one;
    }
    throw std::runtime_error("no such segment");
  }
  std::uint64_t offset_of(std::uint64_t address) {
    for (int n = 0;; ++n) {
      const Elf64_Phdr& load = segment(PT_LOAD, n);
      if (address >= load.p_vaddr && address < load.p_vaddr + load.p_filesz) {
        return load.p_offset + address - load.p_vaddr;
      }
    }
  }
  std::uint64_t& dynamic(std::int64_t tag) {
    const std::uint64_t begin = segment(PT_DYNAMIC).p_offset;
    for (std::uint64_t i = begin; at<Elf64_Dyn>(i).d_tag != DT_NULL; i += sizeof(Elf64_Dyn)) {
      if (at<Elf64_Dyn>(i).d_tag == tag) return at<Elf64_Dyn>(i).d_un.d_val;
    }
    throw std::runtime_error("no such tag");
  }
  // The i-th T of the table that a tag points to.
  template <typename T>
  T& entry(std::int64_t tag, std::uint64_t i = 0) {
    return at<T>(offset_of(dynamic(tag)) + i * sizeof(T));
  }

  std::string bytes_ = bytes_of(zoo("throws_standard"));
};

TEST_F(Loading, TakesAWholeOne) { EXPECT_EQ(look(), "taken"); }

TEST_F(Loading, RefusesSegmentsOverEachOther) {
  std::swap(segment(PT_LOAD, 0), segment(PT_LOAD, 1));
  EXPECT_THAT(look(), HasSubstr("expected segments in order and apart"));
}

TEST_F(Loading, RefusesSegmentsOffTheirPages) {
  segment(PT_LOAD, 1).p_vaddr += 8;
  EXPECT_THAT(look(), HasSubstr("expected segments aligned to pages"));
}

TEST_F(Loading, RefusesADynamicSegmentThatIsElsewhereInMemory) {
  segment(PT_DYNAMIC).p_vaddr -= 16;
  EXPECT_THAT(look(), HasSubstr("expected the dynamic segment where it is loaded"));
}

TEST_F(Loading, RefusesToProtectWhatIsNotThePlugins) {
  segment(PT_GNU_RELRO).p_memsz += 1 << 20;
  EXPECT_THAT(look(), HasSubstr("expected read-only relocations in a segment that is written"));
}

TEST_F(Loading, RefusesRelocationsOfOtherMemory) {
  entry<Elf64_Rela>(DT_RELA).r_offset = segment(PT_LOAD, 1).p_vaddr;
  EXPECT_THAT(look(), HasSubstr("expected relocations in a segment that is written"));
}

TEST_F(Loading, RefusesRelocationsOfOtherKindsAndSymbols) {
  auto& last = entry<Elf64_Rela>(DT_RELA, dynamic(DT_RELASZ) / sizeof(Elf64_Rela) - 1);
  const std::uint64_t was = last.r_info;
  last.r_info = ELF64_R_INFO(0, R_X86_64_COPY);
  EXPECT_THAT(look(), HasSubstr("expected relocations as plugins have them"));
  last.r_info = ELF64_R_INFO(100'000, ELF64_R_TYPE(was));
  EXPECT_THAT(look(), HasSubstr("expected relocations of symbols that are there"));
}

TEST_F(Loading, RefusesConstructorsOutsideOfTheCode) {
  dynamic(DT_INIT) = segment(PT_DYNAMIC).p_vaddr;
  EXPECT_THAT(look(), HasSubstr("expected functions in the code"));
}

TEST_F(Loading, RefusesVersionsThatAreNotThere) {
  entry<std::uint16_t>(DT_VERSYM, 1) = 0x123;
  EXPECT_THAT(look(), HasSubstr("expected versions that are there"));
}

TEST_F(Loading, RefusesVersionsOfLibrariesThatItDoesNotNeed) {
  entry<Elf64_Verneed>(DT_VERNEED).vn_file += 1;
  EXPECT_THAT(look(), HasSubstr("expected versions of libraries that it needs"));
}

TEST_F(Loading, RefusesNamesPastTheirTable) {
  entry<Elf64_Sym>(DT_SYMTAB, 1).st_name = 1 << 20;
  EXPECT_THAT(look(), HasSubstr("expected names in the table of names"));
}

TEST_F(Loading, RefusesAHashTableThatLeadsAstray) {
  entry<std::uint32_t>(DT_GNU_HASH, 2) = 3;  // words of its filter: a power of two
  EXPECT_NE(look(), "taken");
}

TEST_F(Loading, RefusesWhatIsThereTwice) {
  for (std::uint64_t i = segment(PT_DYNAMIC).p_offset;; i += sizeof(Elf64_Dyn)) {
    if (at<Elf64_Dyn>(i).d_tag != DT_FINI) continue;
    at<Elf64_Dyn>(i).d_tag = DT_INIT;
    break;
  }
  EXPECT_THAT(look(), HasSubstr("expected each dynamic entry once"));
}

}  // namespace
}  // namespace eddy::host
