// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/shed.h"

#include "dead_letter/text.h"

namespace eddy::host {

namespace {

std::string_view shorten(std::string_view text, std::size_t room, std::string& scratch) {
  if (room == kAnySize) return text;
  const std::string_view front = fit_json(text, room);
  if (front.size() == text.size()) return text;
  scratch.assign(front).append(" [shortened]");
  return scratch;
}

// Names of functions and streams stay whole: they decide who sees the letter and where its original is.
void make_lean(Facts& facts) {
  facts.fault = nullptr;
  facts.first_whole = false;
  facts.plugin_build_id = facts.plugin_sha256 = {};
  facts.origin.with_key = false;
  facts.error_type = fit_json(facts.error_type, 64);
  facts.source = fit_json(facts.source, 32);
  facts.plugin = fit_json(facts.plugin, 64);
  facts.plugin_version = fit_json(facts.plugin_version, 32);
  facts.id = fit_json(facts.id, 64);
  facts.digest = fit_json(facts.digest, 64);
  facts.fingerprint = fit_json(facts.fingerprint, 32);
  facts.origin.request_id = fit_json(facts.origin.request_id, 128);
}

}  // namespace

Facts Shedder::shed(const Facts& facts, const ShedStep& step) {
  Facts cut = facts;
  cut.error_message = shorten(facts.error_message, step.message_room, message_);
  cut.first.error_message = shorten(facts.first.error_message, step.message_room, first_message_);
  if (step.message_room != kAnySize) {
    cut.error_type = fit_json(cut.error_type, 1024);
    cut.first.error_type = fit_json(cut.first.error_type, 1024);
  }
  cut.with_frames = step.frames;
  if (step.lean) make_lean(cut);
  if (!step.original) cut.truncated = true;
  return cut;
}

}  // namespace eddy::host
