// SPDX-License-Identifier: Apache-2.0
// 10,000 damaged copies of good plugins through every step of admission: each is refused with a sentence or admitted,
// and none hurts the host. What is admitted may still be wrong in its code; that is the probe's and the guard's
// business.
#include <algorithm>
#include <cstring>
#include <map>
#include <random>

#include "plugin/elf.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::ContainsRegex;
using testing::StartsWith;

// Reproducible by its seed: std::mt19937_64 and plain remainders are the same everywhere.
class Vandal {
 public:
  Vandal(std::string good, std::uint64_t seed) : bytes_(std::move(good)), random_(seed) {
    std::memcpy(&header_, bytes_.data(), sizeof header_);
  }

  static constexpr std::size_t kWays = 9;
  std::string damage(std::size_t way) {
    switch (way) {
      case 0:
        return flip_bits(1, bytes_.size());
      case 1:
        return flip_bits(1 + below(64), bytes_.size());
      case 2:
        return flip_bits(1 + below(8), std::min<std::size_t>(bytes_.size(), 1024));
      case 3:
        return bytes_.substr(0, below(bytes_.size()));
      case 4:
        return zeros(below(bytes_.size()), bytes_.size());
      case 5:
        return zeros_of_a_page();
      case 6:
        return swap_entries(header_.e_phoff, header_.e_phnum, sizeof(Elf64_Phdr));
      case 7:
        return swap_entries(header_.e_shoff, header_.e_shnum, sizeof(Elf64_Shdr));
      default:
        return swap_contents();
    }
  }

 private:
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % std::max<std::size_t>(end, 1)); }

  std::string flip_bits(std::size_t count, std::size_t end) {
    std::string bytes = bytes_;
    for (std::size_t i = 0; i < count; ++i) {
      char& byte = bytes[below(end)];
      byte = static_cast<char>(byte ^ (1 << below(8)));
    }
    return bytes;
  }

  std::string zeros(std::size_t begin, std::size_t end) const {
    std::string bytes = bytes_;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.begin() + static_cast<std::ptrdiff_t>(end),
              '\0');
    return bytes;
  }

  std::string zeros_of_a_page() {
    const std::size_t begin = below(bytes_.size() / 512) * 512;
    return zeros(begin, std::min(bytes_.size(), begin + 512));
  }

  // Two entries of a table change places.
  std::string swap_entries(std::size_t table, std::size_t count, std::size_t size) {
    std::string bytes = bytes_;
    const std::size_t one = below(count), other = below(count);
    std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(table + one * size),
                     bytes.begin() + static_cast<std::ptrdiff_t>(table + (one + 1) * size),
                     bytes.begin() + static_cast<std::ptrdiff_t>(table + (one == other ? one : other) * size));
    return bytes;
  }

  // Two sections have each other's bytes, as far as both reach.
  std::string swap_contents() {
    std::string bytes = bytes_;
    const auto [one, one_size] = section();
    const auto [other, other_size] = section();
    const std::size_t size = std::min(one_size, other_size);
    for (std::size_t i = 0; i < size; ++i) std::swap(bytes[one + i], bytes[other + i]);
    return bytes;
  }

  std::pair<std::size_t, std::size_t> section() {
    Elf64_Shdr section;
    do {
      const std::size_t at = header_.e_shoff + below(header_.e_shnum) * sizeof section;
      std::memcpy(&section, bytes_.data() + at, sizeof section);
    } while (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS || section.sh_size == 0);
    return {section.sh_offset, section.sh_size};
  }

  const std::string bytes_;
  std::mt19937_64 random_;
  Elf64_Ehdr header_;
};

class Corrupted : public testing::TestWithParam<const char*> {};

TEST_P(Corrupted, CopiesAreJudgedAndNothingElse) {
  constexpr std::size_t kCopies = 5000;  // of each
  const TempDir directory;
  const Loader loader({});
  Vandal vandal(bytes_of(zoo(GetParam())), 20240229);
  std::map<std::size_t, std::size_t> refused;  // by way of damage
  for (std::size_t i = 0; i < kCopies; ++i) {
    const std::string path = directory.write("corrupted.so", vandal.damage(i % Vandal::kWays));
    const Result<Loader::Admitted> admitted = loader.admit(path);
    if (admitted) {
      EXPECT_FALSE(admitted->identity.name.empty());
      EXPECT_EQ(admitted->abi_major, EDDY_ABI_MAJOR);
      continue;
    }
    ++refused[i % Vandal::kWays];
    ASSERT_THAT(admitted.error().text, StartsWith(path + ": ")) << i;
    ASSERT_THAT(admitted.error().text, ContainsRegex("(open|elf|note): expected .*found ")) << i;
  }
  EXPECT_EQ(refused[3], kCopies / Vandal::kWays + 1) << "every cut is refused";
  EXPECT_GE(refused[4], kCopies / Vandal::kWays - 5) << "a tail of zeros is refused, but for what was zero before";
  for (const auto& [way, count] : refused) EXPECT_GT(count, 0U) << way;
}

INSTANTIATE_TEST_SUITE_P(Zoo, Corrupted, testing::Values("good", "throws_standard"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace eddy::host
