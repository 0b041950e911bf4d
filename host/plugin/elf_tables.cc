// SPDX-License-Identifier: Apache-2.0
// Symbols and notes of a shared object.
#include <algorithm>
#include <cstring>

#include "plugin/elf.h"
#include "plugin/refusal.h"

namespace eddy::host {

namespace {

bool word_at(std::string_view bytes, std::uint64_t offset, std::uint32_t& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

// The GNU table does not say how many symbols there are: the longest chain ends at the last one.
std::optional<std::uint64_t> gnu_hash_count(std::string_view table) {
  std::uint32_t buckets = 0;
  std::uint32_t first = 0;
  std::uint32_t bloom = 0;
  if (!word_at(table, 0, buckets) || !word_at(table, 4, first) || !word_at(table, 8, bloom)) return std::nullopt;
  const std::uint64_t bucket_table = 16 + std::uint64_t{bloom} * 8;
  const std::uint64_t chain_table = bucket_table + std::uint64_t{buckets} * 4;
  if (chain_table > table.size()) return std::nullopt;
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < buckets; ++i) {
    std::uint32_t head = 0;
    if (!word_at(table, bucket_table + std::uint64_t{i} * 4, head)) return std::nullopt;
    last = std::max(last, head);
  }
  if (last < first) return first;
  for (std::uint64_t symbol = last;; ++symbol) {
    std::uint32_t hash = 0;
    if (!word_at(table, chain_table + (symbol - first) * 4, hash)) return std::nullopt;
    if ((hash & 1) != 0) return symbol + 1;
  }
}

}  // namespace

std::optional<std::uint64_t> Elf::symbol_count() const {
  if (const auto address = dynamic(DT_HASH)) {
    std::uint32_t count = 0;
    if (!word_at(at_address(*address), 4, count)) return std::nullopt;
    return count;
  }
  if (const auto address = dynamic(DT_GNU_HASH)) return gnu_hash_count(at_address(*address));
  return std::nullopt;
}

Result<void> Elf::read_symbols() {
  const auto damaged = [](std::string_view found) {
    return refuse("elf", "a dynamic symbol table inside the file", found,
                  "copy it again, and move it into place when it is whole");
  };
  const auto address = dynamic(DT_SYMTAB);
  const auto count = symbol_count();
  if (!address || !count) return damaged("none");
  const std::string_view table = at_address(*address);
  if (*count > table.size() / sizeof(Elf64_Sym)) return damaged("one that ends past it");
  symbols_.reserve(*count);
  for (std::uint64_t i = 1; i < *count; ++i) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, table.data() + i * sizeof symbol, sizeof symbol);
    symbols_.push_back(ElfSymbol{.name = string_at(symbol.st_name),
                                 .binding = static_cast<unsigned char>(ELF64_ST_BIND(symbol.st_info)),
                                 .type = static_cast<unsigned char>(ELF64_ST_TYPE(symbol.st_info)),
                                 .defined = symbol.st_shndx != SHN_UNDEF,
                                 .address = symbol.st_value});
  }
  return {};
}

void Elf::read_notes() {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE || segment.p_filesz == 0) continue;  // an empty one may lie anywhere
    const std::string_view all = bytes_.substr(segment.p_offset, segment.p_filesz);
    const std::uint64_t align = segment.p_align == 8 ? 8 : 4;
    std::uint64_t at = 0;
    std::uint32_t name_size = 0;
    std::uint32_t size = 0;
    std::uint32_t type = 0;
    while (word_at(all, at, name_size) && word_at(all, at + 4, size) && word_at(all, at + 8, type)) {
      if (name_size == 0 && size == 0) {
        at += 4;  // padding: some instrumentations put zeros between variables of one section
        continue;
      }
      const std::uint64_t name_at = at + 12;
      const std::uint64_t description_at = round_up(name_at + name_size, align);
      const std::uint64_t next = round_up(description_at + size, align);
      if (description_at + size > all.size()) break;
      std::string_view name = all.substr(name_at, name_size);
      while (!name.empty() && name.back() == '\0') name.remove_suffix(1);
      notes_.push_back(ElfNote{.name = name, .type = type, .description = all.substr(description_at, size)});
      at = next;
    }
  }
}

}  // namespace eddy::host
