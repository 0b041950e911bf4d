// SPDX-License-Identifier: Apache-2.0
#include "push/pusher.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "push/datagram_socket.h"
#include "push/deltas.h"
#include "push/dogstatsd.h"
#include "push/emf.h"
#include "push/line_file.h"

namespace eddy::host::push {
namespace {

void tell(const char* target, const Error& error) {
  log_limited(LogLevel::kWarn, "push", target,
              std::string(target) + ": metrics not sent, their counts go with the next: " + error.text, 1);
}

class DogStatsd {
 public:
  DogStatsd(const DogStatsdSettings& settings, PushAddress address, Metrics& metrics, Deltas& deltas)
      : form_{settings.prefix, settings.tags}, socket_(std::move(address)), metrics_(metrics), deltas_(deltas) {
    metrics_.pushed(kName, true, 0);
  }

  void send() {
    const auto samples = deltas_.take(metrics_.collect());
    bool there = true;  // once nobody takes one, the others need not be tried
    for (const Datagram& one : datagrams(form_, samples, socket_.most_bytes())) {
      if (there) {
        const auto sent = socket_.send(one.bytes);
        there = sent.ok();
        if (!sent) tell(kName, sent.error());
      }
      metrics_.pushed(kName, there);
      if (there) continue;
      for (const Sample& sample : one.samples) deltas_.give_back(sample);
    }
  }

 private:
  static constexpr const char* kName = "dogstatsd";

  const DogStatsdForm form_;
  DatagramSocket socket_;
  Metrics& metrics_;
  Deltas& deltas_;
};

class Emf {
 public:
  Emf(const EmfSettings& settings, Metrics& metrics, Deltas& deltas)
      : form_{settings.name_space, settings.dimensions}, file_(settings.file), metrics_(metrics), deltas_(deltas) {
    metrics_.pushed(kName, true, 0);
  }

  void send() {
    const auto samples = deltas_.take(metrics_.collect());
    auto written = file_.open();
    for (const EmfLine& line : emf_lines(form_, samples, SystemClock().now_us())) {
      if (written) written = file_.write(line.text);
      metrics_.pushed(kName, written.ok());
      if (written) continue;
      for (const Sample* sample : line.samples) deltas_.give_back(*sample);
    }
    if (!written) tell(kName, written.error());
  }

 private:
  static constexpr const char* kName = "emf";

  const EmfForm form_;
  LineFile file_;
  Metrics& metrics_;
  Deltas& deltas_;
};

}  // namespace

Target dogstatsd_target(const DogStatsdSettings& settings, Metrics& metrics, Deltas& deltas) {
  auto address = parse_push_address(settings.address);
  if (!address) return [error = address.error()] { tell("dogstatsd", error); };
  return [to = std::make_shared<DogStatsd>(settings, *std::move(address), metrics, deltas)] { to->send(); };
}

Target emf_target(const EmfSettings& settings, Metrics& metrics, Deltas& deltas) {
  return [to = std::make_shared<Emf>(settings, metrics, deltas)] { to->send(); };
}

// Calls a target every so often, and once more at the end.
class Pusher::Every {
 public:
  Every(std::chrono::milliseconds interval, Target target)
      : interval_(interval), target_(std::move(target)), thread_([this] { loop(); }) {}

  ~Every() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void loop() {
    for (bool last = false; !last;) {
      {
        std::unique_lock lock(mutex_);
        last = changed_.wait_for(lock, interval_, [&] { return stopping_; });
      }
      target_();
    }
  }

  const std::chrono::milliseconds interval_;
  const Target target_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

Pusher::Pusher(Metrics& metrics) : metrics_(metrics) {}

Pusher::~Pusher() = default;

void Pusher::apply(const PushSettings& settings) {
  if (settings == settings_) return;
  dogstatsd_.reset();
  emf_.reset();
  settings_ = settings;
  const auto every = [](std::uint32_t interval_ms, Target target) {
    return std::make_unique<Every>(std::chrono::milliseconds(interval_ms), std::move(target));
  };
  if (!settings.dogstatsd.address.empty()) {
    dogstatsd_ = every(settings.dogstatsd.interval_ms, dogstatsd_target(settings.dogstatsd, metrics_, to_dogstatsd_));
  }
  if (!settings.emf.file.empty()) emf_ = every(settings.emf.interval_ms, emf_target(settings.emf, metrics_, to_emf_));
}

}  // namespace eddy::host::push
