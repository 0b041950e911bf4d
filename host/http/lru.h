// SPDX-License-Identifier: Apache-2.0
// A map of bounded size: the entry that was asked for longest ago makes room.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace eddy::host {

// Not thread-safe.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class Lru {
 public:
  explicit Lru(std::size_t most) : most_(most) {}

  // Null: not there. Valid until the next put() or erase().
  Value* find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  Value& put(const Key& key, Value value) {
    if (Value* known = find(key)) return *known = std::move(value);
    if (index_.size() >= most_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, std::move(value));
    index_.emplace(key, entries_.begin());
    return entries_.front().second;
  }

  void erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  void clear() {
    index_.clear();
    entries_.clear();
  }

  std::size_t size() const { return index_.size(); }

 private:
  using Entries = std::list<std::pair<Key, Value>>;

  const std::size_t most_;
  Entries entries_;  // the latest first
  std::unordered_map<Key, typename Entries::iterator, Hash> index_;
};

}  // namespace eddy::host
