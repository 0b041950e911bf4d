// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.h"

#include <algorithm>
#include <optional>

#include "dead_letter/queue_names.h"
#include "settings/fields.h"
#include "settings/glob.h"
#include "settings/letter_keys.h"

namespace eddy::host {
namespace {

// The sections that match `name`, or `other`, a second name that the same thing goes by.
void lay_over(const std::vector<Settings::Section>& sections, std::string_view name, const Target& target,
              std::optional<std::string_view> other = {}) {
  for (const auto& section : sections) {
    if (!glob_match(section.pattern, name) && !(other && glob_match(section.pattern, *other))) continue;
    for (const Given& given : section.given) {
      if (given.field->store != nullptr) given.field->store(*given.field, target, given.value);
      if (target.function != nullptr && given.field->path.starts_with("breaker."))
        target.function->breaker.given = true;
    }
  }
}

}  // namespace

FunctionSettings Settings::function(std::string_view name, std::uint32_t declared_concurrency) const {
  FunctionSettings settings;
  settings.concurrency = declared_concurrency;
  lay_over(function_sections, name, {.function = &settings});
  // 0 in a section means "as the plugin says", also when an earlier section gave a number.
  if (settings.concurrency == 0) settings.concurrency = declared_concurrency;
  return settings;
}

QueueSettings Settings::queue(std::string_view name, std::uint32_t declared_retention_days) const {
  QueueSettings settings;
  settings.options.max_record_bytes = embedded_max_record_bytes;
  if (declared_retention_days != 0) settings.retention_days = declared_retention_days;
  lay_over(queue_sections, name, {.queue = &settings}, base_queue(name));
  if (const auto key = writing_keys.find(key_source(settings.encryption)); key != writing_keys.end()) {
    settings.options.key = key->second;
  }
  // A raw letter has no other place for its facts.
  if (settings.options.format == QueueFormat::kRaw) settings.options.context_headers = true;
  return settings;
}

StreamSettings Settings::stream(std::string_view name, std::uint32_t declared_partitions,
                                std::uint32_t declared_retention_days) const {
  StreamSettings settings = stream_defaults;
  if (declared_partitions != 0) settings.partitions = declared_partitions;
  if (declared_retention_days != 0) settings.retention_days = declared_retention_days;
  lay_over(stream_sections, name, {.stream = &settings});
  return settings;
}

TableSettings Settings::table(std::string_view name) const {
  TableSettings settings = tables;
  lay_over(table_sections, name, {.table = &settings});
  return settings;
}

std::vector<WebhookSettings> Settings::webhooks() const {
  std::vector<WebhookSettings> all;
  for (const Section& section : webhook_sections) {
    WebhookSettings& webhook = all.emplace_back();
    webhook.name = section.pattern;
    for (const Given& one : section.given) one.field->store(*one.field, {.webhook = &webhook}, one.value);
  }
  return all;
}

LetterLimits Settings::limits(std::string_view function, std::string_view queue) const {
  QueueSettings under;
  lay_over(queue_sections, queue, {.queue = &under});
  FunctionSettings over;
  over.limits = under.limits;
  lay_over(function_sections, function, {.function = &over});
  return over.limits;
}

std::vector<std::string> Settings::redact(std::string_view function_name, std::string_view queue_name) const {
  std::vector<std::string> pointers = queue(queue_name).redact;
  for (std::string& pointer : this->function(function_name).redact) {
    if (std::ranges::find(pointers, pointer) == pointers.end()) pointers.push_back(std::move(pointer));
  }
  return pointers;
}

}  // namespace eddy::host
