// SPDX-License-Identifier: Apache-2.0
// Which Idempotency-Keys have been seen, and what was answered.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"

namespace eddy::host {

// A key of one route; the same key at another route is another. What tells callers apart is part of `key`.
using KeyId = std::array<std::uint64_t, 2>;
KeyId key_id(std::string_view route, std::string_view key);
std::string to_hex(const KeyId& id);  // 32 digits

inline constexpr std::int64_t kKeyLifetimeUs = std::int64_t{24} * 3600 * 1'000'000;

enum class KeyState : std::uint8_t {
  kNew,        // never seen: now it is pending
  kLook,       // seen, but nobody knows whether its records were written: now it is pending
  kPending,    // another request with it is under way
  kOtherBody,  // seen with another body
  kDone,       // answered before
};

struct KeyAnswer {
  int status = 0;
  std::string body;
};

// Each key is remembered for 24 hours; beyond `most` keys the oldest are forgotten sooner, and beyond
// `most_answer_bytes` of answers the oldest become their count of accepted records. Not thread-safe.
class IdempotencyKeys {
 public:
  explicit IdempotencyKeys(std::size_t most, std::size_t most_answer_bytes = std::size_t{64} << 20)
      : most_(most), most_answer_bytes_(most_answer_bytes) {}

  KeyState claim(const KeyId& id, const Sha256Digest& body, std::int64_t now_us);
  // Of a key that is kDone; valid until the next change.
  const KeyAnswer& answer(const KeyId& id) const { return keys_.at(id).answer; }
  // When the key was first claimed.
  std::int64_t since_us(const KeyId& id) const { return keys_.at(id).at_us; }
  // How a pending key's request ended.
  void done(const KeyId& id, KeyAnswer answer);
  void unsure(const KeyId& id);
  void forget(const KeyId& id);
  // From an earlier life of the host; in order of time. `shared`: of a version that did not tell callers apart.
  void learn(const KeyId& id, const Sha256Digest& body, KeyAnswer answer, std::int64_t at_us, bool shared = false);
  // True: this body came with this key, and whose key it was is not known.
  bool shared(const KeyId& id, const Sha256Digest& body) const;

  std::size_t size() const { return keys_.size(); }
  std::size_t answer_bytes() const { return answer_bytes_; }

 private:
  struct Hash {
    std::size_t operator()(const KeyId& id) const { return id[0]; }
  };
  struct Entry {
    Sha256Digest body{};
    KeyState state = KeyState::kPending;
    std::int64_t at_us = 0;
    KeyAnswer answer;
    bool shared = false;
  };
  using Keys = std::unordered_map<KeyId, Entry, Hash>;
  void expire(std::int64_t now_us);
  void erase(Keys::iterator key);
  void shorten_answers();
  Entry& add(const KeyId& id, const Sha256Digest& body, std::int64_t at_us);

  const std::size_t most_;
  const std::size_t most_answer_bytes_;
  std::size_t answer_bytes_ = 0;  // of all entries
  Keys keys_;
  std::deque<std::pair<std::int64_t, KeyId>> by_time_;
  std::deque<std::pair<std::int64_t, KeyId>> long_answers_;  // in the order of their answers; some may be gone
};

}  // namespace eddy::host
