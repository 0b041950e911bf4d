// SPDX-License-Identifier: Apache-2.0
#include "webhook/sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "settings/webhook_url.h"
#include "webhook/signature.h"

namespace eddy::host::webhook {
namespace {

constexpr std::chrono::milliseconds kFirstPause{1000}, kLongestPause{60'000};
constexpr std::uint64_t kMostAnswerBytes = 64 * 1024;  // nobody reads it
constexpr unsigned kRequestTimeout = 408, kTooManyRequests = 429;

}  // namespace

Sender::Sender(WebhookSettings settings, const Clock& clock, Metrics& metrics)
    : settings_(std::move(settings)),
      clock_(clock),
      metrics_(metrics),
      target_("webhook " + settings_.name),
      outbox_({std::int64_t{settings_.repeat_after_ms} * 1000, settings_.max_per_minute}) {
  metrics_.pushed(target_, true, 0);
  thread_ = std::thread([this] { loop(); });
}

Sender::~Sender() { stop(); }

void Sender::stop() {
  outbox_.close();
  if (thread_.joinable()) thread_.join();
}

void Sender::tell(Notice notice) { outbox_.put(std::move(notice), clock_.now_us()); }

void Sender::tell_again(std::vector<Notice> notices) { outbox_.put_back(std::move(notices), clock_.now_us()); }

void Sender::loop() {
  while (const auto next = outbox_.take()) {
    if (send(*next)) outbox_.done();
  }
}

// False: stopped meanwhile, so that it is still to be told.
bool Sender::send(const Outbox::Next& next) {
  const auto url = parse_webhook_url(settings_.url);
  if (!url) {
    log(LogLevel::kError, target_, "url: " + url.error().text);
    return true;
  }
  HttpClient client({url->host, url->port, url->secure, {.ca_file = settings_.ca_file}, kMostAnswerBytes},
                    std::chrono::milliseconds(settings_.timeout_ms));
  const std::string body = to_json(next.notice, next.left_out);
  std::string why;
  Outcome outcome = Outcome::kTryAgain;
  auto pause = kFirstPause;
  for (std::uint32_t attempt_number = 1; outcome == Outcome::kTryAgain; ++attempt_number) {
    outcome = attempt(client, url->target, body, why);
    if (outcome != Outcome::kTryAgain || attempt_number >= settings_.max_attempts) break;
    if (!outbox_.pause(pause)) return false;
    pause = std::min(2 * pause, kLongestPause);
  }
  metrics_.pushed(target_, outcome == Outcome::kTaken);
  if (outcome == Outcome::kTaken) return true;
  log_limited(
      LogLevel::kWarn, target_, target_,
      fmt::format("notice {} ({} of {}) was not taken: {}", next.notice.id, next.notice.event, next.notice.queue, why));
  return true;
}

// Signed anew each time: a receiver takes only what was signed a moment ago.
Sender::Outcome Sender::attempt(HttpClient& client, const std::string& target, const std::string& body,
                                std::string& why) {
  HttpHeaders headers = {{"Content-Type", "application/json"}};
  if (!settings_.secret.empty()) {
    headers.emplace_back(kSignatureHeader, signature(settings_.secret, clock_.now_us() / 1'000'000, body));
  }
  const auto answer = client.ask("POST", target, headers, body);
  if (!answer) {
    why = answer.error().text;
    return answer.error().code == Code::kConfig ? Outcome::kRefused : Outcome::kTryAgain;
  }
  if (answer->status >= 200 && answer->status < 300) return Outcome::kTaken;
  why = fmt::format("answered {}", answer->status);
  const bool again = answer->status >= 500 || answer->status == kRequestTimeout || answer->status == kTooManyRequests;
  return again ? Outcome::kTryAgain : Outcome::kRefused;
}

}  // namespace eddy::host::webhook
