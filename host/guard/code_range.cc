// SPDX-License-Identifier: Apache-2.0
#include "guard/code_range.h"

#include <link.h>

#include <algorithm>

namespace eddy::host {
namespace {

struct Search {
  std::uintptr_t address;
  CodeRange found;
};

int visit(dl_phdr_info* info, std::size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  bool holds_address = false;
  CodeRange code;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const std::uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    const std::uintptr_t end = begin + segment.p_memsz;
    holds_address = holds_address || (search.address >= begin && search.address < end);
    if ((segment.p_flags & PF_X) == 0) continue;
    code.begin = code.empty() ? begin : std::min(code.begin, begin);
    code.end = std::max(code.end, end);
  }
  if (!holds_address) return 0;
  search.found = code;
  return 1;
}

}  // namespace

CodeRange code_range_of(const void* address) {
  Search search{reinterpret_cast<std::uintptr_t>(address), {}};
  dl_iterate_phdr(visit, &search);
  return search.found;
}

}  // namespace eddy::host
