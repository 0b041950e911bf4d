// SPDX-License-Identifier: Apache-2.0
#include "guard/symbolise.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace eddy::host {
namespace {

constexpr std::size_t kCacheLimit = 4096;

std::string base_name(std::string_view path) { return std::string(path.substr(path.find_last_of('/') + 1)); }

std::string demangle(const char* name) {
  int status = 0;
  char* plain = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string text = status == 0 ? plain : name;
  std::free(plain);
  return text;
}

std::string program_name() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? base_name({path, static_cast<std::size_t>(length)}) : "the program";
}

// The loaded image that holds an address. Found without a lock of the loader, which may be held for ever after a fault
// inside it.
struct Place {
  std::string path;
  std::uintptr_t start = 0;  // of its mapping
  std::uintptr_t bias = 0;   // added to the addresses in its file
};

bool locate(std::uintptr_t address, Place& place) {
  dl_find_object found{};
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0 || found.dlfo_link_map == nullptr) return false;
  const char* name = found.dlfo_link_map->l_name;
  place.path = name[0] != '\0' ? name : "/proc/self/exe";
  place.start = reinterpret_cast<std::uintptr_t>(found.dlfo_map_start);
  place.bias = found.dlfo_link_map->l_addr;
  return true;
}

Frame frame_at(std::uintptr_t address, const Place& place) {
  Frame frame{};
  frame.module = place.path == "/proc/self/exe" ? program_name() : base_name(place.path);
  frame.offset = address - place.start;
  return frame;
}

// libdw's view of this process. One at a time: libdw is not thread-safe.
class Symboliser {
 public:
  Symboliser() = default;

  static Symboliser& instance() {
    static auto* symboliser = new Symboliser();  // never destroyed: workers may outlive main's end
    return *symboliser;
  }

  // `code` is an address inside the instruction of interest.
  Frame look_up(std::uintptr_t code) {
    const std::lock_guard lock(mutex_);
    if (const auto known = cache_.find(code); known != cache_.end()) return known->second;
    Frame frame{};
    if (Place place; locate(code, place)) {
      frame = frame_at(code, place);
      name(code, place, frame);
    }
    if (cache_.size() >= kCacheLimit) cache_.clear();
    cache_.emplace(code, frame);
    return frame;
  }

 private:
  // Each image is reported by itself, from what the loader says: the process's list of mappings would also show the
  // files that libdw itself has mapped.
  Dwfl_Module* module_of(const Place& place) {
    const auto [known, is_new] = modules_.try_emplace({place.start, place.path}, nullptr);
    if (!is_new) return known->second;
    Dwfl* dwfl = dwfl_begin(&callbacks_);
    if (dwfl == nullptr) return nullptr;
    dwfl_report_begin(dwfl);
    known->second = dwfl_report_elf(dwfl, "", place.path.c_str(), -1, place.bias, true);
    dwfl_report_end(dwfl, nullptr, nullptr);
    return known->second;
  }

  void name(std::uintptr_t code, const Place& place, Frame& frame) {
    Dwfl_Module* module = module_of(place);
    if (module == nullptr) return;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* function = dwfl_module_addrinfo(module, code, &offset, &symbol, nullptr, nullptr, nullptr);
    if (function != nullptr && function[0] != '\0') frame.function = demangle(function);
    find_line(module, code, frame);
  }

  static void find_line(Dwfl_Module* module, std::uintptr_t code, Frame& frame) {
    if (Dwfl_Line* line = dwfl_module_getsrc(module, code)) {
      const char* file = dwfl_lineinfo(line, nullptr, &frame.line, nullptr, nullptr, nullptr);
      if (file != nullptr) frame.file = file;
      return;
    }
    // clang++ writes no table of addresses to units: look through the units.
    Dwarf_Addr bias = 0;
    for (Dwarf_Die* unit = nullptr; (unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr;) {
      if (dwarf_haspc(unit, code - bias) != 1) continue;
      Dwarf_Line* line = dwarf_getsrc_die(unit, code - bias);
      const char* file = line != nullptr ? dwarf_linesrc(line, nullptr, nullptr) : nullptr;
      if (file == nullptr) return;
      frame.file = file;
      dwarf_lineno(line, &frame.line);
      return;
    }
  }

  // Debug information beside the images by build id, never over the network.
  const Dwfl_Callbacks callbacks_ = {dwfl_linux_proc_find_elf, dwfl_build_id_find_debuginfo,
                                     dwfl_offline_section_address, nullptr};
  std::mutex mutex_;
  std::map<std::pair<std::uintptr_t, std::string>, Dwfl_Module*> modules_;  // kept as long as the process
  std::unordered_map<std::uintptr_t, Frame> cache_;
};

}  // namespace

std::vector<Frame> symbolise(const Fault& fault, const CodeRange& image) {
  std::vector<Frame> frames;
  frames.reserve(fault.frame_count + 1);
  const auto add = [&](std::uintptr_t address, std::uintptr_t code) {
    Frame frame = Symboliser::instance().look_up(code);
    frame.offset += frame.module.empty() ? 0 : address - code;
    frame.in_image = image.contains(code);
    frames.push_back(std::move(frame));
  };
  if (fault.pc != 0) add(fault.pc, fault.pc);
  // A return address belongs to the instruction after the call, which may be the next function's first.
  for (std::uint32_t i = 0; i < fault.frame_count; ++i) add(fault.frames[i], fault.frames[i] - 1);
  return frames;
}

std::string module_offset(std::uintptr_t address) {
  Place place;
  if (!locate(address, place)) return fmt::format("{:#x}", address);
  const Frame frame = frame_at(address, place);
  return fmt::format("{}+{:#x}", frame.module, frame.offset);
}

}  // namespace eddy::host
