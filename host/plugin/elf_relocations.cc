// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_relocations.h"

#include <cstring>

#include "plugin/elf_damage.h"

namespace eddy::host {

namespace {

constexpr std::uint64_t kSlot = 8;

Error misplaced() { return damaged("relocations in a segment that is written", "one elsewhere"); }

bool in_array(const Elf& elf, std::uint64_t address, std::int64_t tag, std::int64_t size_tag) {
  const auto array = elf.dynamic(tag);
  return array && address >= *array && address - *array < elf.dynamic(size_tag).value_or(0);
}

// A pointer of the image's own, to be: of a constructor or destructor into the code, any other into the image.
Result<void> check_pointer(const Elf& elf, std::uint64_t slot, std::uint64_t to) {
  const bool called =
      in_array(elf, slot, DT_INIT_ARRAY, DT_INIT_ARRAYSZ) || in_array(elf, slot, DT_FINI_ARRAY, DT_FINI_ARRAYSZ);
  if (called && !elf.mapped(to, 1, PF_X)) return damaged("constructors and destructors in the code", "one elsewhere");
  return {};
}

Result<void> check_one(const Elf& elf, const Elf64_Rela& entry) {
  const std::uint64_t symbol = ELF64_R_SYM(entry.r_info);
  if (symbol > elf.symbols().size()) return damaged("relocations of symbols that are there", "one of another");
  const bool writable = elf.mapped(entry.r_offset, kSlot, PF_W);
  const auto addend = static_cast<std::uint64_t>(entry.r_addend);
  switch (ELF64_R_TYPE(entry.r_info)) {
    case R_X86_64_NONE:
      return {};
    case R_X86_64_RELATIVE:
      return writable ? check_pointer(elf, entry.r_offset, addend) : misplaced();
    case R_X86_64_IRELATIVE:
      if (!elf.mapped(addend, 1, PF_X)) return damaged("functions in the code", "one elsewhere");
      return writable ? Result<void>() : misplaced();
    case R_X86_64_TLSDESC:
      return elf.mapped(entry.r_offset, 2 * kSlot, PF_W) ? Result<void>() : misplaced();
    case R_X86_64_64:
    case R_X86_64_GLOB_DAT:
    case R_X86_64_JUMP_SLOT:
    case R_X86_64_DTPMOD64:
    case R_X86_64_DTPOFF64:
    case R_X86_64_TPOFF64:
      return writable ? Result<void>() : misplaced();
    default:
      return damaged("relocations as plugins have them", "one of another kind");
  }
}

Result<void> check_table(const Elf& elf, std::int64_t tag, std::int64_t size_tag) {
  const auto address = elf.dynamic(tag);
  const std::uint64_t size = elf.dynamic(size_tag).value_or(0);
  if (!address || size == 0) return {};
  const std::string_view table = elf.at(*address, size);
  if (table.empty() || size % sizeof(Elf64_Rela) != 0) {
    return damaged("relocations inside the file", "some past its end");
  }
  Elf64_Rela entry;
  for (std::uint64_t i = 0; i < size / sizeof entry; ++i) {
    std::memcpy(&entry, table.data() + i * sizeof entry, sizeof entry);
    EDDY_TRY(check_one(elf, entry));
    // The loader takes the first of them for relative without a look.
    if (tag == DT_RELA && i < elf.dynamic(DT_RELACOUNT).value_or(0) &&
        ELF64_R_TYPE(entry.r_info) != R_X86_64_RELATIVE) {
      return damaged("relative relocations first", "another among them");
    }
  }
  if (tag == DT_RELA && elf.dynamic(DT_RELACOUNT).value_or(0) > size / sizeof entry) {
    return damaged("as many relocations as are counted", "fewer");
  }
  return {};
}

// Relative ones, packed: an address, then maps of bits for the 63 slots behind it.
Result<void> check_packed(const Elf& elf) {
  const auto address = elf.dynamic(DT_RELR);
  const std::uint64_t size = elf.dynamic(DT_RELRSZ).value_or(0);
  if (!address || size == 0) return {};
  const std::string_view table = elf.at(*address, size);
  if (table.empty() || size % kSlot != 0) return damaged("relocations inside the file", "some past its end");
  std::uint64_t next = 0;
  for (std::uint64_t at = 0; at < size; at += kSlot) {
    Elf64_Relr entry;
    std::memcpy(&entry, table.data() + at, sizeof entry);
    if ((entry & 1) == 0) {
      if (!elf.mapped(entry, kSlot, PF_W)) return misplaced();
      next = entry + kSlot;
      continue;
    }
    for (std::uint64_t bit = 1; bit < 64; ++bit) {
      if ((entry >> bit & 1) != 0 && !elf.mapped(next + (bit - 1) * kSlot, kSlot, PF_W)) return misplaced();
    }
    next += 63 * kSlot;
  }
  return {};
}

}  // namespace

Result<void> check_relocations(const Elf& elf) {
  EDDY_TRY(check_table(elf, DT_RELA, DT_RELASZ));
  EDDY_TRY(check_table(elf, DT_JMPREL, DT_PLTRELSZ));
  return check_packed(elf);
}

}  // namespace eddy::host
