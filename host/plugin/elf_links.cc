// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_links.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "eddy/abi.h"
#include "plugin/elf_damage.h"
#include "plugin/elf_relocations.h"

namespace eddy::host {

namespace {

template <typename T>
bool read(std::string_view bytes, std::uint64_t offset, T& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

// The loader uses the last of several, this host looks at the first.
Result<void> check_tags(const Elf& elf) {
  std::set<std::int64_t> seen;
  for (const Elf64_Dyn& entry : elf.dynamic_entries()) {
    if (entry.d_tag != DT_NEEDED && !seen.insert(entry.d_tag).second) {
      return damaged("each dynamic entry once", "one of them twice");
    }
  }
  const std::pair<std::int64_t, std::uint64_t> fixed[] = {{DT_SYMENT, sizeof(Elf64_Sym)},
                                                          {DT_RELAENT, sizeof(Elf64_Rela)},
                                                          {DT_RELRENT, sizeof(Elf64_Relr)},
                                                          {DT_PLTREL, DT_RELA}};
  for (const auto& [tag, value] : fixed) {
    if (elf.dynamic(tag).value_or(value) != value) return damaged("the tables of this machine", "those of another");
  }
  for (const std::int64_t tag : {DT_REL, DT_RELSZ, DT_AUXILIARY, DT_FILTER}) {
    if (elf.dynamic(tag)) return damaged("no dynamic entries but a plugin's", "one of another kind of file");
  }
  return {};
}

Result<void> check_strings(const Elf& elf) {
  if (elf.strings().empty() || elf.strings().back() != '\0') return damaged("names that end", "one that does not");
  for (const std::int64_t tag : {DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH, DT_AUDIT, DT_DEPAUDIT, DT_CONFIG}) {
    for (const Elf64_Dyn& entry : elf.dynamic_entries()) {
      if (entry.d_tag == tag && entry.d_un.d_val >= elf.strings().size()) {
        return damaged("names in the table of names", "one past it");
      }
    }
  }
  return {};
}

Result<void> check_symbols(const Elf& elf) {
  const std::uint64_t count = elf.symbols().size() + 1;
  const std::string_view table = elf.at(elf.dynamic(DT_SYMTAB).value_or(0), count * sizeof(Elf64_Sym));
  Elf64_Sym symbol;
  for (std::uint64_t i = 0; read(table, i * sizeof symbol, symbol); ++i) {
    if (symbol.st_name >= elf.strings().size()) return damaged("names in the table of names", "one past it");
  }
  for (const ElfSymbol& one : elf.symbols()) {
    const bool called = one.type == STT_GNU_IFUNC || one.name == EDDY_PLUGIN_MAIN_NAME;
    if (one.defined && called && !elf.mapped(one.address, 1, PF_X)) {
      return damaged("functions in the code", "one elsewhere");
    }
  }
  return {};
}

// Buckets lead into chains, and the last of these ends: that is how the symbols were counted.
Result<void> check_gnu_hash(const Elf& elf) {
  const auto address = elf.dynamic(DT_GNU_HASH);
  if (!address) return {};
  std::uint32_t head[4];  // buckets, first symbol, words of the filter, shift
  const std::uint64_t count = elf.symbols().size() + 1;
  if (!read(elf.at(*address, sizeof head), 0, head) || head[0] == 0 || !std::has_single_bit(head[2]) ||
      head[1] > count) {
    return damaged("a hash table", "one that makes no sense");
  }
  const std::uint64_t buckets = std::uint64_t{head[2]} * 8 + sizeof head;
  const std::uint64_t chains = buckets + std::uint64_t{head[0]} * 4;
  const std::string_view table = elf.at(*address, chains + (count - head[1]) * 4);
  std::uint32_t bucket = 0;
  std::uint32_t last = 1;
  for (std::uint64_t i = 0; i < head[0]; ++i) {
    if (!read(table, buckets + i * 4, bucket)) return damaged("a hash table inside the file", "one that ends past it");
    if (bucket != 0 && (bucket < head[1] || bucket >= count)) return damaged("a hash table", "one that makes no sense");
  }
  if (count > head[1] && (!read(table, table.size() - 4, last) || (last & 1) == 0)) {
    return damaged("a hash table that ends", "one that does not");
  }
  return {};
}

Result<void> check_sysv_hash(const Elf& elf) {
  const auto address = elf.dynamic(DT_HASH);
  if (!address) return {};
  std::uint32_t head[2];  // buckets, symbols
  if (!read(elf.at(*address, sizeof head), 0, head) || head[0] == 0) {
    return damaged("a hash table", "one that makes no sense");
  }
  const std::uint64_t entries = std::uint64_t{head[0]} + head[1];
  const std::string_view table = elf.at(*address, sizeof head + entries * 4);
  if (table.empty()) return damaged("a hash table inside the file", "one that ends past it");
  std::uint32_t next = 0;
  for (std::uint64_t bucket = 0; bucket < head[0]; ++bucket) {
    read(table, sizeof head + bucket * 4, next);
    for (std::uint64_t steps = 0; next != 0; ++steps) {
      if (next >= head[1] || steps > head[1]) return damaged("a hash table that ends", "one that does not");
      read(table, sizeof head + (std::uint64_t{head[0]} + next) * 4, next);
    }
  }
  return {};
}

// Walks the versions that the file needs of one library; the highest index there is.
Result<std::uint16_t> check_needed_versions(const Elf& elf, std::uint64_t at, std::uint16_t count) {
  std::uint16_t highest = 0;
  for (std::uint16_t i = 0; i < count; ++i) {
    Elf64_Vernaux version;
    if (!read(elf.at(at, sizeof version), 0, version) || version.vna_name >= elf.strings().size()) {
      return damaged("needed versions inside the file", "one outside of it");
    }
    highest = std::max<std::uint16_t>(highest, version.vna_other & 0x7fff);
    if ((version.vna_next == 0) != (i + 1 == count)) return damaged("a list of versions", "one of another length");
    at += version.vna_next;
  }
  return highest;
}

Result<std::uint16_t> check_needed(const Elf& elf) {
  std::uint16_t highest = 0;
  const std::uint64_t count = elf.dynamic(DT_VERNEEDNUM).value_or(0);
  std::uint64_t at = elf.dynamic(DT_VERNEED).value_or(0);
  const auto libraries = elf.dynamic_strings(DT_NEEDED);
  if (at == 0) return highest;
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Verneed need;
    if (!read(elf.at(at, sizeof need), 0, need) || need.vn_version != 1 || need.vn_file >= elf.strings().size()) {
      return damaged("needed versions inside the file", "one outside of it");
    }
    const std::string_view file = elf.strings().data() + need.vn_file;
    if (std::find(libraries.begin(), libraries.end(), file) == libraries.end()) {
      return damaged("versions of libraries that it needs", "one of another");
    }
    EDDY_ASSIGN(const std::uint16_t highest_here, check_needed_versions(elf, at + need.vn_aux, need.vn_cnt));
    highest = std::max(highest, highest_here);
    if ((need.vn_next == 0) != (i + 1 == count)) return damaged("a list of versions", "one of another length");
    at += need.vn_next;
  }
  return highest;
}

Result<std::uint16_t> check_defined(const Elf& elf) {
  std::uint16_t highest = 0;
  const std::uint64_t count = elf.dynamic(DT_VERDEFNUM).value_or(0);
  std::uint64_t at = elf.dynamic(DT_VERDEF).value_or(0);
  if (at == 0) return highest;
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Verdef defined;
    Elf64_Verdaux name;
    if (!read(elf.at(at, sizeof defined), 0, defined) || defined.vd_version != 1 ||
        !read(elf.at(at + defined.vd_aux, sizeof name), 0, name) || name.vda_name >= elf.strings().size()) {
      return damaged("defined versions inside the file", "one outside of it");
    }
    highest = std::max<std::uint16_t>(highest, defined.vd_ndx & 0x7fff);
    if ((defined.vd_next == 0) != (i + 1 == count)) return damaged("a list of versions", "one of another length");
    at += defined.vd_next;
  }
  return highest;
}

// Each symbol's version is an index into a table that has no more than these.
Result<void> check_versions(const Elf& elf) {
  EDDY_ASSIGN(const std::uint16_t needed, check_needed(elf));
  EDDY_ASSIGN(const std::uint16_t defined, check_defined(elf));
  const auto address = elf.dynamic(DT_VERSYM);
  if (!address) return needed + defined == 0 ? Result<void>() : damaged("versions of the symbols", "none");
  const std::uint64_t count = elf.symbols().size() + 1;
  const std::string_view table = elf.at(*address, count * 2);
  std::uint16_t version = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!read(table, i * 2, version)) return damaged("versions inside the file", "some past its end");
    if ((version & 0x7fff) > std::max<std::uint16_t>({needed, defined, 1})) {
      return damaged("versions that are there", "one that is not");
    }
  }
  return {};
}

// What the loader calls when the image comes and goes.
Result<void> check_calls(const Elf& elf) {
  for (const std::int64_t tag : {DT_INIT, DT_FINI}) {
    const auto function = elf.dynamic(tag);
    if (function && !elf.mapped(*function, 1, PF_X)) return damaged("functions in the code", "one elsewhere");
  }
  for (const auto& [tag, size_tag] : {std::pair{DT_INIT_ARRAY, DT_INIT_ARRAYSZ}, {DT_FINI_ARRAY, DT_FINI_ARRAYSZ}}) {
    const auto array = elf.dynamic(tag);
    const std::uint64_t size = elf.dynamic(size_tag).value_or(0);
    if (array && (size % 8 != 0 || !elf.mapped(*array, size, PF_R))) {
      return damaged("constructors and destructors inside the file", "some outside of it");
    }
  }
  const auto got = elf.dynamic(DT_PLTGOT);
  if (got && !elf.mapped(*got, 8, PF_W)) return damaged("a linkage table that can be written", "one elsewhere");
  return {};
}

}  // namespace

Result<void> check_links(const Elf& elf) {
  EDDY_TRY(check_tags(elf));
  EDDY_TRY(check_strings(elf));
  EDDY_TRY(check_symbols(elf));
  EDDY_TRY(check_gnu_hash(elf));
  EDDY_TRY(check_sysv_hash(elf));
  EDDY_TRY(check_versions(elf));
  EDDY_TRY(check_calls(elf));
  return check_relocations(elf);
}

}  // namespace eddy::host
