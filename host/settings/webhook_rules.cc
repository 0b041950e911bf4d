// SPDX-License-Identifier: Apache-2.0
#include "settings/webhook_rules.h"

#include <algorithm>

#include "settings/given.h"
#include "settings/mask.h"
#include "settings/plain_name.h"
#include "settings/webhook_url.h"

namespace eddy::host {
namespace {

class WebhookRules {
 public:
  WebhookRules(const Settings::Section& section, WebhookSettings webhook, Report& report)
      : section_(section), webhook_(std::move(webhook)), report_(report) {}

  void check() {
    if (!is_plain_name(section_.pattern)) {
      add("", "expected a name of letters, digits, dots, dashes and underscores, found other characters");
    }
    if (webhook_.url.empty()) {
      add("url", "expected https://HOST/PATH, found nothing");
    } else if (webhook_.url == kMasked) {
      add("url", "expected https://HOST/PATH, found the mask that is shown instead of it");
    } else if (const auto url = parse_webhook_url(webhook_.url); !url) {
      add("url", url.error().text);
    }
    if (webhook_.secret == kMasked) add("secret", "expected the secret, found the mask that is shown instead of it");
    if (!webhook_.secret.empty() && webhook_.secret.size() < kShortestSecret) {
      add("secret", "expected at least " + std::to_string(kShortestSecret) + " characters, found " +
                        std::to_string(webhook_.secret.size()));
    }
    for (const std::string& what : webhook_.on) {
      if (what != "new_group" && what != "rate") add("on", "expected new_group or rate, found " + what);
    }
    if (webhook_.on.empty()) add("on", "expected new_group, rate or both, found an empty list");
    if (webhook_.queues.empty()) add("queues", "expected at least one queue, or \"*\" for all, found an empty list");
  }

 private:
  void add(std::string_view key, const std::string& text) {
    const Given* given = find_given(section_.given, key);
    const std::string where = "webhooks[\"" + section_.pattern + "\"]" + (key.empty() ? "" : "." + std::string(key));
    report_.add(given != nullptr ? mark_of(*given) : mark_of(section_.line, section_.column), where + ": " + text);
  }

  const Settings::Section& section_;
  const WebhookSettings webhook_;
  Report& report_;
};

}  // namespace

void check_webhook_rules(const Settings& settings, Report& report) {
  const auto all = settings.webhooks();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Settings::Section& section = settings.webhook_sections[i];
    WebhookRules(section, all[i], report).check();
    const auto same = [&](const Settings::Section& other) { return other.pattern == section.pattern; };
    const auto first = std::find_if(settings.webhook_sections.begin(), settings.webhook_sections.end(), same);
    if (&*first != &section) {
      report.add(mark_of(section.line, section.column),
                 "webhooks[\"" + section.pattern + "\"]: is given twice; rename one of them");
    }
  }
}

}  // namespace eddy::host
