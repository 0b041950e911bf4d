// SPDX-License-Identifier: Apache-2.0
#include "ingest/trace_context.h"

#include <algorithm>

#include "ingest/request_head.h"

namespace eddy::host {
namespace {

constexpr std::size_t kVersionEnd = 2, kTraceEnd = 35, kParentEnd = 52, kSize = 55;

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

bool is_id(std::string_view text) { return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos; }

}  // namespace

bool is_traceparent(std::string_view text) {
  if (text.size() < kSize || text[kVersionEnd] != '-' || text[kTraceEnd] != '-' || text[kParentEnd] != '-')
    return false;
  const std::string_view version = text.substr(0, kVersionEnd);
  if (!is_hex(version) || version == "ff") return false;
  const bool longer = text.size() > kSize;
  if (longer && (version == "00" || text[kSize] != '-' || text.size() > kLongestTracestate)) return false;
  return is_id(text.substr(kVersionEnd + 1, kTraceEnd - kVersionEnd - 1)) &&
         is_id(text.substr(kTraceEnd + 1, kParentEnd - kTraceEnd - 1)) &&
         is_hex(text.substr(kParentEnd + 1, kSize - kParentEnd - 1));
}

std::string_view kept_tracestate(std::string_view text) {
  text = trimmed(text);
  const auto odd = [](char c) { return (c < ' ' && c != '\t') || c > '~'; };
  if (std::any_of(text.begin(), text.end(), odd)) return {};
  if (text.size() <= kLongestTracestate) return text;
  const std::size_t comma = text.substr(0, kLongestTracestate + 1).rfind(',');
  return comma == std::string_view::npos ? std::string_view() : trimmed(text.substr(0, comma));
}

}  // namespace eddy::host
