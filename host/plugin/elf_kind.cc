// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_kind.h"

#include <elf.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>

#include "plugin/refusal.h"

namespace eddy::host {

namespace {

#if defined(__x86_64__)
constexpr unsigned kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = EM_AARCH64;
#else
#error "the loader knows x86-64 and AArch64"
#endif

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "AArch64";
    case EM_386:
      return "x86";
    case EM_ARM:
      return "ARM";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "PowerPC64";
    case EM_S390:
      return "S/390";
    default:
      return "machine number " + std::to_string(machine);
  }
}

bool is_text(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 512);
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isprint(byte) != 0 || std::isspace(byte) != 0;
  });
}

const char* foreign_kind(std::string_view bytes) {
  if (bytes.starts_with("#!")) return "a script";
  if (bytes.starts_with("!<arch>\n")) return "a static library";
  if (bytes.starts_with("MZ")) return "a Windows library";
  if (bytes.starts_with("\xcf\xfa\xed\xfe")) return "a macOS library";
  if (bytes.starts_with("\x1f\x8b") || bytes.starts_with("PK")) return "a compressed file";
  if (is_text(bytes)) return "a text file";
  return "no ELF file";
}

const char* type_name(unsigned type) {
  switch (type) {
    case ET_REL:
      return "an object file";
    case ET_EXEC:
      return "an executable";
    case ET_CORE:
      return "a core dump";
    default:
      return "an ELF file of unknown type";
  }
}

}  // namespace

Result<void> check_kind(std::string_view bytes) {
  const std::string expected = "an " + machine_name(kMachine) + " shared object";
  const auto no = [&](const std::string& found, std::string_view advice) {
    return refuse("elf", expected, found, advice);
  };
  constexpr std::string_view kBuild =
      "build it with eddy_add_plugin, or with -shared -fPIC and pkg-config's eddy flags";
  if (!bytes.starts_with(std::string_view(ELFMAG, SELFMAG))) return no(foreign_kind(bytes), kBuild);
  Elf64_Ehdr header;
  if (bytes.size() < sizeof header) {
    return no("the first " + std::to_string(bytes.size()) + " bytes of an ELF file",
              "copy it again, and move it into place when it is whole");
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return no("a 32-bit ELF file", "build it for this machine");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) return no("a big-endian ELF file", "build it for this machine");
  if (header.e_type != ET_DYN) return no(type_name(header.e_type), kBuild);
  if (header.e_machine != kMachine) {
    return no("one for " + machine_name(header.e_machine), "build it for this machine");
  }
  return {};
}

}  // namespace eddy::host
