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
#include <cstring>
#include <mutex>
#include <string_view>
#include <unordered_map>

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

// Module and offset without a lock of the loader, which may be held for ever after a fault inside it.
bool locate(std::uintptr_t address, Frame& frame) {
  dl_find_object found{};
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return false;
  const char* name = found.dlfo_link_map != nullptr ? found.dlfo_link_map->l_name : "";
  frame.module = name[0] != '\0' ? base_name(name) : program_name();
  frame.offset = address - reinterpret_cast<std::uintptr_t>(found.dlfo_map_start);
  return true;
}

// libdw's view of this process. One at a time: libdw is not thread-safe.
class Symboliser {
 public:
  static Symboliser& instance() {
    static auto* symboliser = new Symboliser();  // never destroyed: workers may outlive main's end
    return *symboliser;
  }

  // `code` is an address inside the instruction of interest.
  Frame look_up(std::uintptr_t code) {
    const std::lock_guard lock(mutex_);
    if (const auto known = cache_.find(code); known != cache_.end()) return known->second;
    Frame frame{};
    if (locate(code, frame)) name(code, frame);
    if (cache_.size() >= kCacheLimit) cache_.clear();
    cache_.emplace(code, frame);
    return frame;
  }

 private:
  Symboliser() : dwfl_(dwfl_begin(&callbacks_)) {}

  // Images that were loaded since the last look are reported then.
  Dwfl_Module* module_of(std::uintptr_t code) {
    if (dwfl_ == nullptr) return nullptr;
    if (Dwfl_Module* known = dwfl_addrmodule(dwfl_, code)) return known;
    dwfl_report_begin(dwfl_);
    dwfl_linux_proc_report(dwfl_, getpid());
    dwfl_report_end(dwfl_, nullptr, nullptr);
    return dwfl_addrmodule(dwfl_, code);
  }

  void name(std::uintptr_t code, Frame& frame) {
    Dwfl_Module* module = module_of(code);
    if (module == nullptr) return;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* function = dwfl_module_addrinfo(module, code, &offset, &symbol, nullptr, nullptr, nullptr);
    if (function != nullptr && function[0] != '\0') frame.function = demangle(function);
    if (Dwfl_Line* line = dwfl_module_getsrc(module, code)) {
      const char* file = dwfl_lineinfo(line, nullptr, &frame.line, nullptr, nullptr, nullptr);
      if (file != nullptr) frame.file = file;
    }
  }

  // Debug information beside the images by build id, never over the network.
  const Dwfl_Callbacks callbacks_ = {dwfl_linux_proc_find_elf, dwfl_build_id_find_debuginfo, nullptr, nullptr};
  std::mutex mutex_;
  Dwfl* dwfl_;
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
  Frame frame{};
  if (!locate(address, frame)) return fmt::format("{:#x}", address);
  return fmt::format("{}+{:#x}", frame.module, frame.offset);
}

}  // namespace eddy::host
