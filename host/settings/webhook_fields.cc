// SPDX-License-Identifier: Apache-2.0
// The keys of a webhook.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using W = WebhookSettings;

constexpr double kDay = 86'400'000;

void add_place(std::vector<Field>& all) {
  all.push_back(stored<&W::url>(
      {.path = "url",
       .fallback = ""s,
       .doc = "Where notices are sent by POST: `https://host/path`, or `http://` on a network "
              "that is yours. Redirects are not followed. Never shown: many services put a secret in it.",
       .secret = true,
       .hidden = true}));
  all.push_back(stored<&W::secret>({.path = "secret",
                                    .fallback = ""s,
                                    .doc = "Signs each notice by HMAC-SHA256 (`X-Eddy-Signature`); take it from the "
                                           "environment. Empty: they are not signed.",
                                    .secret = true,
                                    .hidden = true}));
  all.push_back(stored<&W::ca_file>(text(
      "ca_file", "", "File of the authorities that the server's certificate may be from, PEM; empty: the machine's.")));
  all.push_back(stored<&W::timeout_ms>(
      integer("timeout_ms", W().timeout_ms, 100, 120'000, "ms", "How long the server may be silent.")));
  all.push_back(stored<&W::max_attempts>(
      integer("max_attempts", W().max_attempts, 1, 20, "",
              "Attempts at a notice, the first included; the pause between them doubles from a second to a minute.")));
}

void add_what(std::vector<Field>& all) {
  all.push_back(stored<&W::on>(texts(
      "on", W().on,
      "What is told: `new_group`, the first letter of a cause; `rate`, a queue as a whole takes more than usual.")));
  all.push_back(stored<&W::queues>(texts("queues", W().queues, "Globs on the dead letter queues it is about.")));
  all.push_back(stored<&W::rate_factor>(number("rate.factor", W().rate_factor, 1, 1000,
                                               "A rate is told when it is over this many times the usual one.")));
  all.push_back(
      stored<&W::rate_min_per_minute>(integer("rate.min_per_minute", W().rate_min_per_minute, 1, 1'000'000'000,
                                              "letters per minute", "And when it is at least this.")));
  all.push_back(stored<&W::window_ms>(
      integer("rate.window_ms", W().window_ms, 1000, kDay, "ms", "Time over which a rate is counted.")));
  all.push_back(stored<&W::repeat_after_ms>(
      integer("repeat_after_ms", W().repeat_after_ms, 0, 30 * kDay, "ms", "The same is not told again before.")));
  all.push_back(stored<&W::max_per_minute>(
      integer("max_per_minute", W().max_per_minute, 1, 100'000, "notices per minute",
              "Above it notices are counted, and the next one says how many were left out.")));
}

}  // namespace

std::vector<Field> webhook_fields() {
  std::vector<Field> all;
  add_place(all);
  add_what(all);
  return all;
}

}  // namespace eddy::host
