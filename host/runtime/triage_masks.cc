// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage_masks.h"

#include <memory>

#include "base/hash.h"
#include "settings/given.h"

namespace eddy::host {

namespace {

using PointerList = std::vector<std::string>;

// Calls `visit` for the pointers of every section, in order.
template <typename Visit>
void each_redaction(const std::vector<Settings::Section>& sections, Visit visit) {
  for (const Settings::Section& section : sections) {
    if (const Given* const given = find_given(section.given, "redact")) {
      visit(section.pattern, std::get<PointerList>(given->value));
    }
  }
}

// Of every section, in order: which names it is for, and the pointers.
std::string redactions(const std::vector<Settings::Section>& sections) {
  std::string text;
  each_redaction(sections, [&](const std::string& pattern, const PointerList& pointers) {
    text += pattern + '\0';
    for (const std::string& pointer : pointers) text += pointer + '\0';
  });
  return text;
}

PointerList all_of(const std::vector<Settings::Section>& sections) {
  PointerList all;
  each_redaction(sections, [&](const std::string&, const PointerList& pointers) {
    all.insert(all.end(), pointers.begin(), pointers.end());
  });
  return all;
}

}  // namespace

TriageMasks masks_of(const Settings& settings) {
  const std::string functions = redactions(settings.function_sections), queues = redactions(settings.queue_sections);
  if (functions.empty() && queues.empty()) return {};
  const auto own = std::make_shared<const Settings>(settings);
  const auto of = [own](std::string_view queue) {
    PointerList pointers = all_of(own->function_sections);
    const PointerList more = queue.empty() ? all_of(own->queue_sections) : own->queue(queue).redact;
    pointers.insert(pointers.end(), more.begin(), more.end());
    return Mask(pointers);
  };
  return {of, to_hex(sha256(functions + '\n' + queues)).substr(0, 16)};
}

}  // namespace eddy::host
