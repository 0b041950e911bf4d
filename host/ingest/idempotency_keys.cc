// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_keys.h"

#include <cstring>

#include "base/log.h"

namespace eddy::host {

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
  found->second.state = KeyState::kDone;
  found->second.answer = std::move(answer);
}

void IdempotencyKeys::unsure(const KeyId& id) {
  if (const auto found = keys_.find(id); found != keys_.end()) found->second.state = KeyState::kLook;
}

// Its place in time stays, and passes without effect unless the key comes again.
void IdempotencyKeys::forget(const KeyId& id) { keys_.erase(id); }

void IdempotencyKeys::learn(const KeyId& id, const Sha256Digest& body, KeyAnswer answer, std::int64_t at_us) {
  add(id, body, at_us);
  done(id, std::move(answer));
}

IdempotencyKeys::Entry& IdempotencyKeys::add(const KeyId& id, const Sha256Digest& body, std::int64_t at_us) {
  Entry& entry = keys_[id];
  entry = Entry{body, KeyState::kPending, at_us, {}};
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
    if (same) keys_.erase(found);
    by_time_.pop_front();
  }
}

}  // namespace eddy::host
