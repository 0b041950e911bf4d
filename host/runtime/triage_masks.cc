// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage_masks.h"

#include <memory>

#include "base/hash.h"
#include "settings/given.h"

namespace eddy::host {

namespace {

// Of every section, in order: which names it is for, and the pointers.
std::string redactions(const std::vector<Settings::Section>& sections) {
  std::string text;
  for (const Settings::Section& section : sections) {
    const Given* const given = find_given(section.given, "redact");
    if (given == nullptr) continue;
    text += section.pattern + '\0';
    for (const std::string& pointer : std::get<std::vector<std::string>>(given->value)) text += pointer + '\0';
  }
  return text;
}

}  // namespace

TriageMasks masks_of(const Settings& settings) {
  const std::string functions = redactions(settings.function_sections), queues = redactions(settings.queue_sections);
  if (functions.empty() && queues.empty()) return {};
  const auto own = std::make_shared<const Settings>(settings);
  return {[own](std::string_view function, std::string_view queue) { return Mask(own->redact(function, queue)); },
          to_hex(sha256(functions + '\n' + queues)).substr(0, 16)};
}

}  // namespace eddy::host
