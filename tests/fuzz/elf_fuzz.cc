// SPDX-License-Identifier: Apache-2.0
// A plugin's file before it is loaded: whatever the bytes, they are judged without a read outside of them.
#include <vector>

#include "fuzz.h"
#include "plugin/elf.h"
#include "plugin/elf_rules.h"
#include "plugin/note.h"

namespace eddy::fuzz {
namespace {

using namespace host;

template <typename T>
bool accepted(const Result<T>& result) {
  if (!result) require(result.error().text.find("expected") != std::string::npos, "a refusal says what was expected");
  return result.ok();
}

void check_parts(const Elf& elf, std::string_view bytes) {
  const auto inside = [&](std::string_view part) { return part.empty() || within(part, bytes); };
  for (const ElfSymbol& symbol : elf.symbols()) require(inside(symbol.name), "a symbol's name is in the file");
  for (const ElfNote& note : elf.notes()) {
    require(inside(note.name) && inside(note.description), "a note is in the file");
  }
  for (const std::string_view text : elf.dynamic_strings(DT_NEEDED)) require(inside(text), "a library's name is in it");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eddy;
  const std::vector<char> exact(data, data + size);  // a byte beyond is an error
  const std::string_view bytes(exact.data(), exact.size());
  const auto elf = host::Elf::parse(bytes);
  if (!fuzz::accepted(elf)) return 0;
  fuzz::check_parts(*elf, bytes);
  fuzz::accepted(host::check_rules(*elf));
  const auto note = host::read_note(*elf);
  if (fuzz::accepted(note)) fuzz::require(note->name.empty() || host::is_name(note->name), "a plugin's name is a name");
  return 0;
}
