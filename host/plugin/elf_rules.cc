// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_rules.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "eddy/abi.h"
#include "plugin/elf_layout.h"
#include "plugin/elf_links.h"
#include "plugin/refusal.h"

namespace eddy::host {

namespace {

constexpr const char* kElfStep = "elf";
constexpr std::string_view kEntryPrefix = "eddy_plugin_main_v";

Result<void> check_segments(const Elf& elf) {
  bool stack = false;
  for (const Elf64_Phdr& segment : elf.segments()) {
    const bool writable = (segment.p_flags & PF_W) != 0;
    const bool executable = (segment.p_flags & PF_X) != 0;
    if (segment.p_type == PT_INTERP) {
      return refuse(kElfStep, "a shared object", "an executable: it names an interpreter", "link it with -shared");
    }
    if (segment.p_type == PT_LOAD && writable && executable) {
      return refuse(kElfStep, "no segment that is both written and run", "one",
                    "link it without -Wl,-N and -Wl,--omagic");
    }
    if (segment.p_type != PT_GNU_STACK) continue;
    stack = true;
    // Loading such a file would make the host's own stacks executable.
    if (executable) {
      return refuse(kElfStep, "a stack that is not executable", "an executable stack (PT_GNU_STACK)",
                    "link it with -Wl,-z,noexecstack, and mark assembler files with .note.GNU-stack");
    }
  }
  if (!stack) {
    return refuse(kElfStep, "a stack that is not executable", "no PT_GNU_STACK, which means an executable one",
                  "link it with -Wl,-z,noexecstack");
  }
  return {};
}

Result<void> check_dynamic(const Elf& elf) {
  if (elf.dynamic(DT_TEXTREL) || (elf.dynamic(DT_FLAGS).value_or(0) & DF_TEXTREL) != 0) {
    return refuse(kElfStep, "no text relocations", "DT_TEXTREL", "compile every part of it with -fPIC");
  }
  for (const auto& [tag, name] : {std::pair{DT_RPATH, "DT_RPATH"}, std::pair{DT_RUNPATH, "DT_RUNPATH"}}) {
    const auto paths = elf.dynamic_strings(tag);
    if (paths.empty()) continue;
    return refuse(kElfStep, "no library path of its own", std::string(name) + " " + std::string(paths.front()),
                  "link it without -rpath (in CMake: set the property SKIP_BUILD_RPATH ON)");
  }
  if ((elf.dynamic(DT_FLAGS_1).value_or(0) & DF_1_NODELETE) != 0) {
    return refuse(kElfStep, "a plugin like any other", "DF_1_NODELETE", "link it without -Wl,-z,nodelete");
  }
  return {};
}

#if defined(__has_feature)
#define EDDY_HAS_FEATURE(x) __has_feature(x)
#else
#define EDDY_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || EDDY_HAS_FEATURE(address_sanitizer)
constexpr std::string_view kHostSanitizer = "asan";
#elif defined(__SANITIZE_THREAD__) || EDDY_HAS_FEATURE(thread_sanitizer)
constexpr std::string_view kHostSanitizer = "tsan";
#else
constexpr std::string_view kHostSanitizer = "";
#endif

// The run-time library of another sanitizer ends the process when it is loaded late.
Result<void> check_sanitizers(const Elf& elf) {
  const std::vector<std::string_view> needed = elf.dynamic_strings(DT_NEEDED);
  for (const std::string_view sanitizer : {"asan", "tsan", "hwasan", "msan"}) {
    if (sanitizer == kHostSanitizer) continue;
    const std::string library = "lib" + std::string(sanitizer) + ".so";
    const std::string hook = "__" + std::string(sanitizer) + "_init";
    const bool linked = std::any_of(needed.begin(), needed.end(), [&](auto name) { return name.starts_with(library); });
    const bool called = std::any_of(elf.symbols().begin(), elf.symbols().end(),
                                    [&](const ElfSymbol& symbol) { return symbol.name == hook; });
    if (!linked && !called) continue;
    const std::string host = kHostSanitizer.empty() ? "no sanitizer" : std::string(kHostSanitizer);
    return refuse(kElfStep, "a plugin built with the sanitizer of this host (" + host + ")",
                  "one that needs lib" + std::string(sanitizer), "build both alike");
  }
  return {};
}

std::string demangle(std::string_view symbol) {
  const std::string name(symbol);
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 && text ? text.get() : name;
}

// A definition the dynamic linker unifies in the whole process: the next version would get this one's variables.
Result<void> check_unique(const Elf& elf) {
  const ElfSymbol* first = nullptr;
  std::size_t count = 0;
  for (const ElfSymbol& symbol : elf.symbols()) {
    if (!symbol.defined || symbol.binding != STB_GNU_UNIQUE) continue;
    if (first == nullptr) first = &symbol;
    ++count;
  }
  if (first == nullptr) return {};
  std::string found = demangle(first->name);
  if (count > 1) found += " and " + std::to_string(count - 1) + " more";
  return refuse(kElfStep, "no GNU_UNIQUE symbols, which two versions of a plugin would share", found,
                "compile it with -fno-gnu-unique and link it with the SDK's version script: eddy_add_plugin and "
                "pkg-config's eddy flags do both");
}

Result<void> check_entry(const Elf& elf) {
  const ElfSymbol* other = nullptr;
  for (const ElfSymbol& symbol : elf.symbols()) {
    if (!symbol.defined || !symbol.name.starts_with(kEntryPrefix)) continue;
    if (symbol.name == EDDY_PLUGIN_MAIN_NAME) {
      if (symbol.type == STT_FUNC) return {};
      return refuse(kElfStep, "the exported function " EDDY_PLUGIN_MAIN_NAME,
                    "a symbol of this name that is no function", "define it as in eddy/abi.h");
    }
    other = &symbol;
  }
  const std::string expected = "the exported function " EDDY_PLUGIN_MAIN_NAME;
  if (other != nullptr) {
    const std::string major(other->name.substr(kEntryPrefix.size()));
    return refuse(kElfStep, expected + " (this host speaks ABI " + std::to_string(EDDY_ABI_MAJOR) + ")",
                  std::string(other->name) + ": the plugin was built for ABI " + major,
                  "rebuild it with the SDK of this host, or run a host that speaks ABI " + major);
  }
  return refuse(kElfStep, expected, "no such export",
                "use EDDY_PLUGIN, or define it with EDDY_EXPORT, and keep it in the version script");
}

}  // namespace

Result<void> check_rules(const Elf& elf) {
  EDDY_TRY(check_segments(elf));
  EDDY_TRY(check_dynamic(elf));
  EDDY_TRY(check_sanitizers(elf));
  EDDY_TRY(check_unique(elf));
  EDDY_TRY(check_entry(elf));
  EDDY_TRY(check_layout(elf));
  return check_links(elf);
}

}  // namespace eddy::host
