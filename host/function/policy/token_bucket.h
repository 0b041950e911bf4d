// SPDX-License-Identifier: Apache-2.0
// A rate: so many in a second, with at most one second's worth at once.
#pragma once

#include <cstdint>

namespace eddy::host {

// Not thread-safe. Times are given by the caller, in microseconds.
class TokenBucket {
 public:
  // 0: no limit. Full at first.
  void configure(std::uint32_t per_second, std::int64_t now_us);

  bool limited() const { return per_second_ > 0; }
  // Takes one if there is one.
  bool take(std::int64_t now_us);
  // Takes one that may not be there: later ones wait for it.
  void owe(std::int64_t now_us);
  void give_back();
  // When the next one can be taken.
  std::int64_t next_us(std::int64_t now_us) const;

 private:
  void refill(std::int64_t now_us);

  double per_second_ = 0;
  double tokens_ = 0;
  std::int64_t filled_us_ = 0;
};

}  // namespace eddy::host
