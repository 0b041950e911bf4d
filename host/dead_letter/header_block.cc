// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/header_block.h"

#include <algorithm>

#include "dead_letter/header_names.h"
#include "dead_letter/text.h"

namespace eddy::host {

void HeaderBlock::start(std::span<const Header> originals) {
  originals_ = originals;
  added_.clear();
  values_.clear();
}

void HeaderBlock::add(std::string_view name, std::string_view value) {
  values_.append(value);
  add_appended(name);
}

void HeaderBlock::add_appended(std::string_view name) { added_.push_back({name, values_.size()}); }

std::span<const Header> HeaderBlock::finish() {
  const auto is_count = [](const Header& header) { return header.name.view() == kCountHeader; };
  if (added_.empty() && std::none_of(originals_.begin(), originals_.end(), is_count)) return originals_;
  append_integer(values_, added_.size() + 1);
  add_appended(kCountHeader);
  headers_.assign(originals_.begin(), originals_.end());
  std::size_t begin = 0;
  for (const Added& added : added_) {
    headers_.push_back({added.name, Bytes(values_.data() + begin, added.end - begin)});
    begin = added.end;
  }
  return headers_;
}

SplitHeaders split_headers(std::span<const Header> headers) {
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (headers[i].name.view() != kCountHeader) continue;
    const auto count = parse_integer<std::size_t>(headers[i].value.view());
    if (!count || *count == 0 || *count > i + 1) break;
    return {i + 1 - *count, i + 1};
  }
  return {headers.size(), headers.size()};
}

}  // namespace eddy::host
