// SPDX-License-Identifier: Apache-2.0
// Looks at the dead letter queues and tells those who want to know. A thread of its own: the record path knows nothing
// of it.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "metrics/metrics.h"
#include "settings/webhook_settings.h"
#include "stream/transport.h"
#include "webhook/baseline.h"
#include "webhook/letter_tail.h"
#include "webhook/sender.h"

namespace eddy::host::webhook {

// What it works with; all of it must outlive it.
struct Surroundings {
  Transport& transport;
  const Clock& clock;
  Metrics& metrics;
  std::string file;                                    // of LetterTail
  std::function<std::vector<std::string>()> queues;    // [its thread] the dead letter queues there are
  std::function<Mask(const std::string& queue)> mask;  // [its thread] what nobody is told of a queue's letters
};

class Webhooks {
 public:
  explicit Webhooks(Surroundings around);
  ~Webhooks();

  // [one thread] From now on these; without any nothing is looked at.
  void apply(const std::vector<WebhookSettings>& settings);

 private:
  void start();
  void stop();
  void loop();
  void look();
  void look_at(const std::string& queue);
  void save();
  void judge(Sender& sender, const std::string& queue, const DeadLetter& letter, bool new_group);

  const Surroundings around_;
  std::vector<WebhookSettings> settings_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::unique_ptr<LetterTail> tail_;
  std::map<std::pair<const Sender*, std::string>, Baseline> baselines_;  // by queue
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host::webhook
