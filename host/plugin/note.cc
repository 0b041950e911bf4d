// SPDX-License-Identifier: Apache-2.0
#include "plugin/note.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "eddy/abi.h"
#include "plugin/refusal.h"

namespace eddy::host {

namespace {

constexpr const char* kNoteStep = "note";
constexpr std::size_t kAbiSize = sizeof(eddy_note_abi) - offsetof(eddy_note_abi, abi_major);
constexpr std::size_t kInfoSize = sizeof(eddy_note_info) - offsetof(eddy_note_info, plugin_name);
constexpr std::size_t kNameSize = sizeof(eddy_note_info::plugin_name);

std::string padded_text(std::string_view field) { return std::string(field.substr(0, field.find('\0'))); }

std::string version_text(unsigned major, unsigned minor) { return std::to_string(major) + "." + std::to_string(minor); }

Error malformed(std::string_view found) {
  return refuse(kNoteStep, "an Eddy note as in eddy/abi.h", found,
                "define it with EDDY_DEFINE_ABI_NOTE, once per plugin");
}

Result<void> read_abi(std::string_view description, PluginNote& note) {
  if (!note.sdk_version.empty()) return malformed("two ABI notes");
  if (description.size() < kAbiSize) return malformed("one of " + std::to_string(description.size()) + " bytes");
  std::memcpy(&note.abi_major, description.data(), sizeof note.abi_major);
  std::memcpy(&note.abi_minor_required, description.data() + 2, sizeof note.abi_minor_required);
  note.sdk_version = padded_text(description.substr(8, sizeof(eddy_note_abi::sdk_version)));
  if (note.sdk_version.empty()) note.sdk_version = "of unknown version";
  return {};
}

Result<void> read_info(std::string_view description, PluginNote& note) {
  if (!note.name.empty()) return malformed("two info notes");
  if (description.size() < kInfoSize)
    return malformed("an info note of " + std::to_string(description.size()) + " bytes");
  note.name = padded_text(description.substr(0, kNameSize));
  note.version = padded_text(description.substr(kNameSize, kInfoSize - kNameSize));
  if (!is_name(note.name)) {
    return refuse(kNoteStep, "a plugin name of letters, digits, '_', '.' and '-'", "\"" + note.name + "\"",
                  "change EDDY_PLUGIN_INFO");
  }
  return {};
}

Result<void> check_abi(const PluginNote& note) {
  const std::string built =
      "ABI " + version_text(note.abi_major, note.abi_minor_required) + " (SDK " + note.sdk_version + ")";
  const std::string host = "this host speaks ABI " + version_text(EDDY_ABI_MAJOR, EDDY_ABI_MINOR);
  if (note.abi_major != EDDY_ABI_MAJOR) {
    return refuse(kNoteStep, "ABI major " + std::to_string(EDDY_ABI_MAJOR) + " (" + host + ")", built,
                  "rebuild the plugin with the SDK of this host, or run a host that speaks ABI " +
                      std::to_string(note.abi_major));
  }
  if (note.abi_minor_required > EDDY_ABI_MINOR) {
    return refuse(kNoteStep, "an ABI minor of at most " + std::to_string(EDDY_ABI_MINOR) + " (" + host + ")", built,
                  "run a newer host, or rebuild the plugin to require no more than this one has");
  }
  return {};
}

}  // namespace

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 200 || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

Result<PluginNote> read_note(const Elf& elf) {
  PluginNote note;
  for (const ElfNote& entry : elf.notes()) {
    if (entry.name == EDDY_NOTE_NAME && entry.type == EDDY_NOTE_ABI) EDDY_TRY(read_abi(entry.description, note));
    if (entry.name == EDDY_NOTE_NAME && entry.type == EDDY_NOTE_INFO) EDDY_TRY(read_info(entry.description, note));
    if (entry.name == ELF_NOTE_GNU && entry.type == NT_GNU_BUILD_ID) note.build_id = to_hex(entry.description);
  }
  if (note.sdk_version.empty()) {
    return refuse(kNoteStep, "the Eddy ABI note", "none: the file is no Eddy plugin, or its note was stripped",
                  "use EDDY_PLUGIN, or EDDY_DEFINE_ABI_NOTE in C, and keep the section " EDDY_NOTE_SECTION);
  }
  EDDY_TRY(check_abi(note));
  return note;
}

}  // namespace eddy::host
