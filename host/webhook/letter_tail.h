// SPDX-License-Identifier: Apache-2.0
// Reads each dead letter once, and knows which cause is a new one and what was still to be told, also after a restart.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>

#include "dead_letter/reader.h"
#include "stream/transport.h"
#include "webhook/outbox_json.h"

namespace eddy::host::webhook {

// Not thread-safe.
class LetterTail {
 public:
  // `file` keeps what was read and what is known. Without it, or with one that cannot be read, it begins `now_us`: the
  // causes of letters that failed before are known, and nobody is told of them.
  LetterTail(Transport& transport, std::string file, std::int64_t now_us);

  using Visitor = std::function<void(const DeadLetter& letter, bool new_group)>;
  // The letters of a queue since the last time, but for those that failed before it all began. An error leaves what
  // comes for the next time.
  Result<void> read(const std::string& queue, const Visitor& visit);

  // What was told to nobody yet when the file was written.
  const Waiting& waiting() const { return waiting_; }

  // Writes the file, if something has changed. What is read after it is visited again after a crash. What is passed in
  // the file and not told must be among `waiting`: nobody visits it again.
  Result<void> save(Waiting waiting);

 private:
  struct Queue {
    std::map<std::uint32_t, std::int64_t> next;  // by partition
    std::unordered_set<std::string> groups;
  };

  void load();
  void take(Queue& queue, const DeadLetter& letter, const Visitor& visit);
  void remember(Queue& queue, const std::string& fingerprint);

  Transport& transport_;
  const std::string file_;
  std::int64_t since_us_;  // when it began
  std::map<std::string, Queue> queues_;
  Waiting waiting_;
  LetterReader reader_;
  bool changed_;
};

}  // namespace eddy::host::webhook
