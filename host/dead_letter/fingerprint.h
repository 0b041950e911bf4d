// SPDX-License-Identifier: Apache-2.0
// Groups letters of one cause.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "dead_letter/letter.h"

namespace eddy::host {

// Keeps the last result: letters of one cause come in rows. Not thread-safe.
class Fingerprint {
 public:
  // 16 hexadecimal digits over function, error type, message without what differs from record to record, and the first
  // frame in the plugin. Valid until the next call.
  std::string_view of(std::string_view function, std::string_view error_type, std::string_view message,
                      const LetterFault* fault);

 private:
  Sha256 hash_;
  std::string cause_;       // of this call
  std::string last_cause_;  // that of result_
  std::string result_;
};

}  // namespace eddy::host
