// SPDX-License-Identifier: Apache-2.0
// The broker and the records that all cases read.
#pragma once

#include <string>

#include "base/temporary_folder.h"
#include "stream/transport.h"

namespace eddy::bench {

// One of tests/kafka; stopped and removed at the end.
class OwnBroker {
 public:
  OwnBroker();
  ~OwnBroker();
  std::string brokers() const;

 private:
  host::TemporaryFolder folder_;
};

// Appends `records` records of about 200 bytes of JSON to partition 0 of a stream.
void feed(host::Transport& transport, const std::string& stream, std::uint64_t records);

// Ends the program with the error's text, or returns the value.
[[noreturn]] void die(const std::string& text);
template <typename T>
T need(host::Result<T> result) {
  if (!result) die(result.error().text);
  return *std::move(result);
}
inline void need(const host::Result<void>& result) {
  if (!result) die(result.error().text);
}

}  // namespace eddy::bench
