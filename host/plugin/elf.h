// SPDX-License-Identifier: Apache-2.0
// A shared object as bytes in memory: every offset is checked against the end of the file before it is followed.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eddy::host {

struct ElfSymbol {
  std::string_view name;
  unsigned char binding = 0;  // STB_*
  unsigned char type = 0;     // STT_*
  bool defined = false;
  std::uint64_t address = 0;
};

struct ElfNote {
  std::string_view name;  // without its NUL
  std::uint32_t type = 0;
  std::string_view description;
};

// Borrows the bytes. Immutable.
class Elf {
 public:
  // Refuses, as step "elf", what is no whole shared object for this machine: other file kinds, class, byte order,
  // machine; segments, sections or dynamic tables that lie past the end of the file or make no sense.
  static Result<Elf> parse(std::string_view bytes);

  const std::vector<Elf64_Phdr>& segments() const { return segments_; }
  std::optional<std::uint64_t> dynamic(std::int64_t tag) const;
  // Values of every entry with this tag that are offsets into the string table (DT_NEEDED, DT_RUNPATH).
  std::vector<std::string_view> dynamic_strings(std::int64_t tag) const;
  // Dynamic symbols, imports first.
  const std::vector<ElfSymbol>& symbols() const { return symbols_; }
  const std::vector<ElfNote>& notes() const { return notes_; }

  // What the loader of the system will see: the file's bytes that lie at an address, all in one segment; empty when
  // they do not, or when `size` is 0.
  std::string_view at(std::uint64_t address, std::uint64_t size) const;
  // True when all of this will be mapped, in one segment that has at least these flags (PF_*).
  bool mapped(std::uint64_t address, std::uint64_t size, std::uint32_t flags) const;
  const std::vector<Elf64_Dyn>& dynamic_entries() const { return dynamic_; }
  std::string_view strings() const { return strings_; }
  std::uint64_t segment_table() const { return header_.e_phoff; }

 private:
  explicit Elf(std::string_view bytes) : bytes_(bytes) {}

  Result<void> read_header();
  Result<void> read_segments();
  Result<void> read_sections() const;
  Result<void> read_dynamic();
  Result<void> read_symbols();
  void read_notes();

  template <typename T>
  bool read(std::uint64_t offset, T& value) const;
  bool inside(std::uint64_t offset, std::uint64_t size) const;
  // The file's bytes from a virtual address to the end of its segment in the file; empty: not in the file.
  std::string_view at_address(std::uint64_t address) const;
  std::optional<std::uint64_t> symbol_count() const;
  std::string_view string_at(std::uint64_t offset) const;

  std::string_view bytes_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Dyn> dynamic_;
  std::string_view strings_;
  std::vector<ElfSymbol> symbols_;
  std::vector<ElfNote> notes_;
};

}  // namespace eddy::host
