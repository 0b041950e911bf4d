// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_keys.h"

#include <cstring>

#include "base/log.h"

namespace eddy::host {
namespace {

// A shorter answer is not worth a place among those that are shortened.
constexpr std::size_t kShortAnswer = 64;

// {"accepted":2,"errors":[…]} without its errors.
std::string shortened(const std::string& answer) { return answer.substr(0, answer.find_first_of(",}")) + "}"; }

}  // namespace

KeyId key_id(std::string_view route, std::string_view key) {
  std::string text(route);
  text.push_back('\0');
  text.append(key);
  const Sha256Digest digest = sha256(text);
  KeyId id;
  std::memcpy(id.data(), digest.data(), sizeof id);
  return id;
}

std::string to_hex(const KeyId& id) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(id.data()), sizeof id));
}

KeyState IdempotencyKeys::claim(const KeyId& id, const Sha256Digest& body, std::int64_t now_us) {
  expire(now_us);
  const auto found = keys_.find(id);
  if (found == keys_.end()) {
    add(id, body, now_us);
    return KeyState::kNew;
  }
  Entry& entry = found->second;
  if (entry.body != body) return KeyState::kOtherBody;
  if (entry.state != KeyState::kLook) return entry.state;
  entry.state = KeyState::kPending;
  return KeyState::kLook;
}

void IdempotencyKeys::done(const KeyId& id, KeyAnswer answer) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return;
  Entry& entry = found->second;
  entry.state = KeyState::kDone;
  answer_bytes_ += answer.body.size();
  answer_bytes_ -= entry.answer.body.size();
  entry.answer = std::move(answer);
  if (entry.answer.body.size() > kShortAnswer) long_answers_.emplace_back(entry.at_us, id);
  shorten_answers();
}

void IdempotencyKeys::shorten_answers() {
  while (!long_answers_.empty()) {
    const auto& [at_us, id] = long_answers_.front();
    const auto found = keys_.find(id);
    const bool there =
        found != keys_.end() && found->second.at_us == at_us && found->second.answer.body.size() > kShortAnswer;
    if (there && answer_bytes_ <= most_answer_bytes_) return;
    if (there) {
      std::string& body = found->second.answer.body;
      answer_bytes_ -= body.size();
      body = shortened(body);
      answer_bytes_ += body.size();
    }
    long_answers_.pop_front();
  }
}

void IdempotencyKeys::unsure(const KeyId& id) {
  if (const auto found = keys_.find(id); found != keys_.end()) found->second.state = KeyState::kLook;
}

// Its place in time stays, and passes without effect unless the key comes again.
void IdempotencyKeys::forget(const KeyId& id) {
  if (const auto found = keys_.find(id); found != keys_.end()) erase(found);
}

void IdempotencyKeys::erase(Keys::iterator key) {
  answer_bytes_ -= key->second.answer.body.size();
  keys_.erase(key);
}

void IdempotencyKeys::learn(const KeyId& id, const Sha256Digest& body, KeyAnswer answer, std::int64_t at_us,
                            bool shared) {
  add(id, body, at_us).shared = shared;
  done(id, std::move(answer));
}

bool IdempotencyKeys::shared(const KeyId& id, const Sha256Digest& body) const {
  const auto found = keys_.find(id);
  return found != keys_.end() && found->second.shared && found->second.body == body;
}

IdempotencyKeys::Entry& IdempotencyKeys::add(const KeyId& id, const Sha256Digest& body, std::int64_t at_us) {
  Entry& entry = keys_[id];
  answer_bytes_ -= entry.answer.body.size();
  entry = Entry{body, KeyState::kPending, at_us, {}, false};
  by_time_.emplace_back(at_us, id);
  return entry;
}

void IdempotencyKeys::expire(std::int64_t now_us) {
  while (!by_time_.empty()) {
    const auto& [at_us, id] = by_time_.front();
    const bool old = at_us + kKeyLifetimeUs <= now_us;
    if (!old && keys_.size() < most_) return;
    const auto found = keys_.find(id);
    const bool same = found != keys_.end() && found->second.at_us == at_us;
    if (same && found->second.state == KeyState::kPending) return;  // its request is still under way
    if (same && !old) {
      log_limited(LogLevel::kWarn, "ingest", "idempotency",
                  "more than " + std::to_string(most_) +
                      " idempotency keys in 24 hours: the oldest are forgotten, and a retry with one is appended again",
                  1);
    }
    if (same) erase(found);
    by_time_.pop_front();
  }
}

}  // namespace eddy::host
