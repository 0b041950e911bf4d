// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_layout.h"

#include <bit>
#include <cstring>
#include <set>
#include <string>

#include "plugin/elf_damage.h"

namespace eddy::host {

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kLargestAlign = std::uint64_t{1} << 30;
constexpr std::uint64_t kLargestSpan = std::uint64_t{1} << 32;  // of an image in memory

// The loader reserves memory from the first to the end of the last, and maps the others into it.
Result<void> check_loads(const Elf& elf) {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool first = true;
  for (const Elf64_Phdr& segment : elf.segments()) {
    if (segment.p_type != PT_LOAD) continue;
    if (!std::has_single_bit(segment.p_align) || segment.p_align < kPage || segment.p_align > kLargestAlign ||
        (segment.p_vaddr - segment.p_offset) % segment.p_align != 0) {
      return damaged("segments aligned to pages", "one that is not");
    }
    if (first) begin = segment.p_vaddr;
    if (!first && segment.p_vaddr < end) return damaged("segments in order and apart", "some that are not");
    end = segment.p_vaddr + segment.p_memsz;
    first = false;
  }
  if (end - begin > kLargestSpan) return damaged("an image of at most 4 GiB", std::to_string(end - begin) + " bytes");
  return {};
}

// The same bytes by their offset, which is how they are read here, and by their address, which is how they are used.
bool lies_where_it_says(const Elf& elf, const Elf64_Phdr& part) {
  for (const Elf64_Phdr& segment : elf.segments()) {
    if (segment.p_type != PT_LOAD || part.p_vaddr < segment.p_vaddr) continue;
    const std::uint64_t skip = part.p_vaddr - segment.p_vaddr;
    if (skip <= segment.p_filesz && part.p_filesz <= segment.p_filesz - skip) {
      return part.p_offset == segment.p_offset + skip;
    }
  }
  return false;
}

// Made unwritable once it is relocated: what is not the plugin's would be, too.
bool is_writable_part(const Elf& elf, const Elf64_Phdr& part) {
  for (const Elf64_Phdr& segment : elf.segments()) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0 || part.p_vaddr < segment.p_vaddr) continue;
    const std::uint64_t pages = (segment.p_memsz + segment.p_vaddr % kPage + kPage - 1) / kPage * kPage;
    const std::uint64_t skip = part.p_vaddr - segment.p_vaddr / kPage * kPage;
    if (skip <= pages && part.p_memsz <= pages - skip) return true;
  }
  return false;
}

Result<void> check_part(const Elf& elf, const Elf64_Phdr& part) {
  switch (part.p_type) {
    case PT_DYNAMIC:
      if (lies_where_it_says(elf, part) && elf.mapped(part.p_vaddr, part.p_memsz, PF_R | PF_W)) return {};
      return damaged("the dynamic segment where it is loaded", "it elsewhere");
    case PT_PHDR:
      if (lies_where_it_says(elf, part) && part.p_offset == elf.segment_table() &&
          part.p_filesz == elf.segments().size() * sizeof(Elf64_Phdr)) {
        return {};
      }
      return damaged("the program header table where it is loaded", "it elsewhere");
    case PT_NOTE:
    case PT_GNU_PROPERTY:
    case PT_GNU_EH_FRAME:
      if (part.p_memsz == part.p_filesz && (part.p_filesz == 0 || lies_where_it_says(elf, part))) return {};
      return damaged("notes and unwind tables where they are loaded", "some elsewhere");
    case PT_TLS:
      if (part.p_filesz <= part.p_memsz && part.p_memsz <= kLargestSpan && std::has_single_bit(part.p_align) &&
          part.p_align <= kPage && (part.p_filesz == 0 || lies_where_it_says(elf, part))) {
        return {};
      }
      return damaged("thread-local variables that fit into the file", "some that do not");
    case PT_GNU_RELRO:
      if (is_writable_part(elf, part)) return {};
      return damaged("read-only relocations in a segment that is written", "some elsewhere");
    default:
      return {};
  }
}

// The loader reads properties of the machine in the notes, and believes their sizes.
Result<void> check_notes(const Elf& elf) {
  for (const Elf64_Phdr& part : elf.segments()) {
    if ((part.p_type != PT_NOTE && part.p_type != PT_GNU_PROPERTY) || part.p_filesz == 0) continue;
    const std::string_view all = elf.at(part.p_vaddr, part.p_filesz);
    const std::uint64_t align = part.p_align == 8 ? 8 : 4;
    Elf64_Nhdr note;
    for (std::uint64_t at = 0; at + sizeof note <= all.size();) {
      std::memcpy(&note, all.data() + at, sizeof note);
      const std::uint64_t description = (at + sizeof note + note.n_namesz + align - 1) / align * align;
      if (description + note.n_descsz > all.size())
        return damaged("notes that end in their segment", "one that does not");
      at = (description + note.n_descsz + align - 1) / align * align;
    }
  }
  return {};
}

}  // namespace

Result<void> check_layout(const Elf& elf) {
  EDDY_TRY(check_loads(elf));
  std::set<std::uint32_t> seen;
  for (const Elf64_Phdr& part : elf.segments()) {
    const bool once =
        part.p_type == PT_DYNAMIC || part.p_type == PT_PHDR || part.p_type == PT_TLS || part.p_type == PT_GNU_RELRO;
    if (once && !seen.insert(part.p_type).second) return damaged("one segment of each kind", "two of a kind");
    EDDY_TRY(check_part(elf, part));
  }
  return check_notes(elf);
}

}  // namespace eddy::host
