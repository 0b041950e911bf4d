// SPDX-License-Identifier: Apache-2.0
// Sends the notices of one webhook, one after another, on a thread of its own.
#pragma once

#include <thread>
#include <vector>

#include "base/clock.h"
#include "http/client.h"
#include "metrics/metrics.h"
#include "settings/webhook_settings.h"
#include "webhook/outbox.h"

namespace eddy::host::webhook {

class Sender {
 public:
  Sender(WebhookSettings settings, const Clock& clock, Metrics& metrics);
  ~Sender();

  // [any thread] Never waits.
  void tell(Notice notice);
  // [one thread] What waited when there was a sender before.
  void tell_again(std::vector<Notice> notices);
  // [one thread] What waits is not sent any more.
  void stop();
  // [any thread] What nobody has taken yet, and was not given up either.
  std::vector<Notice> waiting() const { return outbox_.waiting(); }
  const WebhookSettings& settings() const { return settings_; }

 private:
  enum class Outcome : std::uint8_t { kTaken, kTryAgain, kRefused };

  void loop();
  bool send(const Outbox::Next& next);
  Outcome attempt(HttpClient& client, const std::string& target, const std::string& body, std::string& why);

  const WebhookSettings settings_;
  const Clock& clock_;
  Metrics& metrics_;
  const std::string target_;  // for metrics and the log
  Outbox outbox_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host::webhook
