// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/fingerprint.h"

#include "dead_letter/normalise.h"
#include "dead_letter/text.h"

namespace eddy::host {

namespace {

// The name of the frame, or where it is when it has none: a name outlives a rebuild, an offset does not.
std::string_view first_plugin_frame(const LetterFault* fault) {
  if (fault == nullptr) return {};
  for (const LetterFrame& frame : fault->frames) {
    if (frame.in_plugin) return frame.function.empty() ? frame.location : frame.function;
  }
  return {};
}

// NUL ends each part: none of them holds one but by accident, and an accident costs a group, not a letter.
void put(std::string& out, std::string_view part) {
  out.append(part);
  out.push_back('\0');
}

}  // namespace

std::string_view Fingerprint::of(std::string_view function, std::string_view error_type, std::string_view message,
                                 const LetterFault* fault) {
  cause_.clear();
  put(cause_, function);
  put(cause_, error_type);
  append_normalised(cause_, message);
  cause_.push_back('\0');
  put(cause_, first_plugin_frame(fault));
  if (result_.empty() || cause_ != last_cause_) {
    hash_.update(cause_);
    const Sha256Digest digest = hash_.finish();
    result_.clear();
    append_hex(result_, {reinterpret_cast<const char*>(digest.data()), 8});
    std::swap(cause_, last_cause_);
  }
  return result_;
}

}  // namespace eddy::host
