// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.h"

#include <algorithm>
#include <cstring>

#include "plugin/elf_damage.h"
#include "plugin/elf_kind.h"
#include "plugin/refusal.h"

namespace eddy::host {

bool Elf::inside(std::uint64_t offset, std::uint64_t size) const {
  return offset <= bytes_.size() && size <= bytes_.size() - offset;
}

template <typename T>
bool Elf::read(std::uint64_t offset, T& value) const {
  if (!inside(offset, sizeof value)) return false;
  std::memcpy(&value, bytes_.data() + offset, sizeof value);
  return true;
}

std::string_view Elf::at_address(std::uint64_t address) const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) {
      continue;
    }
    const std::uint64_t skip = address - segment.p_vaddr;
    return bytes_.substr(segment.p_offset + skip, segment.p_filesz - skip);
  }
  return {};
}

std::string_view Elf::at(std::uint64_t address, std::uint64_t size) const {
  const std::string_view rest = at_address(address);
  return rest.size() < size ? std::string_view{} : rest.substr(0, size);
}

bool Elf::mapped(std::uint64_t address, std::uint64_t size, std::uint32_t flags) const {
  return std::any_of(segments_.begin(), segments_.end(), [&](const Elf64_Phdr& segment) {
    return segment.p_type == PT_LOAD && (segment.p_flags & flags) == flags && address >= segment.p_vaddr &&
           address - segment.p_vaddr <= segment.p_memsz && size <= segment.p_memsz - (address - segment.p_vaddr);
  });
}

std::string_view Elf::string_at(std::uint64_t offset) const {
  if (offset >= strings_.size()) return {};
  const std::string_view rest = strings_.substr(offset);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view{} : rest.substr(0, end);
}

Result<Elf> Elf::parse(std::string_view bytes) {
  Elf elf(bytes);
  EDDY_TRY(elf.read_header());
  EDDY_TRY(elf.read_segments());
  EDDY_TRY(elf.read_sections());
  EDDY_TRY(elf.read_dynamic());
  EDDY_TRY(elf.read_symbols());
  elf.read_notes();
  return elf;
}

Result<void> Elf::read_header() {
  EDDY_TRY(check_kind(bytes_));
  if (!read(0, header_)) return damaged("a whole ELF header", std::to_string(bytes_.size()) + " bytes");
  if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_shentsize != sizeof(Elf64_Shdr)) {
    return damaged("64-bit program and section headers", "headers of another size");
  }
  return {};
}

Result<void> Elf::read_segments() {
  if (!inside(header_.e_phoff, std::uint64_t{header_.e_phnum} * sizeof(Elf64_Phdr)) || header_.e_phnum == 0) {
    return damaged("a program header table inside the file", "one that ends past it");
  }
  segments_.resize(header_.e_phnum);
  std::memcpy(segments_.data(), bytes_.data() + header_.e_phoff, segments_.size() * sizeof(Elf64_Phdr));
  bool loads = false;
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_filesz != 0 && !inside(segment.p_offset, segment.p_filesz)) {
      return damaged("every segment inside the file",
                     "one that ends past its " + std::to_string(bytes_.size()) + " bytes: the file is cut off");
    }
    if (segment.p_type != PT_LOAD) continue;
    loads = true;
    const bool wraps = segment.p_vaddr + segment.p_memsz < segment.p_vaddr;
    if (segment.p_memsz < segment.p_filesz || wraps)
      return damaged("segments that fit into memory", "one that does not");
  }
  if (!loads) return damaged("a segment to load", "none");
  return {};
}

// Linkers write the section table last: a file that is cut off, or whose tail is still zeros, shows here.
Result<void> Elf::read_sections() const {
  const std::uint64_t size = std::uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr);
  if (header_.e_shnum == 0) {
    return refuse("elf", "a section table", "none", "strip it with `strip`, which keeps the table");
  }
  if (!inside(header_.e_shoff, size)) {
    return damaged("a section table inside the file",
                   "one that ends past its " + std::to_string(bytes_.size()) + " bytes: the file is cut off");
  }
  for (unsigned i = 0; i < header_.e_shnum; ++i) {
    Elf64_Shdr section;
    if (!read(header_.e_shoff + i * sizeof section, section)) return damaged("a section header", "the end of the file");
    const bool in_file = section.sh_type != SHT_NULL && section.sh_type != SHT_NOBITS;
    if (in_file && !inside(section.sh_offset, section.sh_size)) {
      return damaged("every section inside the file", "one that ends past it");
    }
    if (i == header_.e_shstrndx && section.sh_type != SHT_STRTAB) {
      return damaged("section names", "zeros where they belong: the file is only half written");
    }
  }
  if (header_.e_shstrndx >= header_.e_shnum) return damaged("section names", "none");
  return {};
}

Result<void> Elf::read_dynamic() {
  const auto segment = std::find_if(segments_.begin(), segments_.end(),
                                    [](const Elf64_Phdr& header) { return header.p_type == PT_DYNAMIC; });
  if (segment == segments_.end()) {
    return refuse("elf", "a dynamic segment", "none", "link it with -shared");
  }
  for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment->p_filesz; at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry;
    if (!read(segment->p_offset + at, entry)) break;
    if (entry.d_tag == DT_NULL) break;
    dynamic_.push_back(entry);
  }
  const auto address = dynamic(DT_STRTAB);
  const auto size = dynamic(DT_STRSZ);
  if (!address || !size) return damaged("a dynamic string table", "none");
  strings_ = at_address(*address);
  if (strings_.size() < *size || *size == 0) return damaged("a dynamic string table inside the file", "none");
  strings_ = strings_.substr(0, *size);
  return {};
}

std::optional<std::uint64_t> Elf::dynamic(std::int64_t tag) const {
  for (const Elf64_Dyn& entry : dynamic_) {
    if (entry.d_tag == tag) return entry.d_un.d_val;
  }
  return std::nullopt;
}

std::vector<std::string_view> Elf::dynamic_strings(std::int64_t tag) const {
  std::vector<std::string_view> strings;
  for (const Elf64_Dyn& entry : dynamic_) {
    if (entry.d_tag == tag) strings.push_back(string_at(entry.d_un.d_val));
  }
  return strings;
}

}  // namespace eddy::host
