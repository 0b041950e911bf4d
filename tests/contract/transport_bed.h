// SPDX-License-Identifier: Apache-2.0
// Where a transport under test lives.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host::contract {

// Empty storage for one test, removed with it.
class TransportBed {
 public:
  virtual ~TransportBed() = default;
  // Each call opens the same storage anew, as another process would; several may be open at once.
  virtual Result<std::unique_ptr<Transport>> open() = 0;
  // Returns when all that was committed shows: the records of a stream, and where a group stands in it; an empty group
  // is none. Some transports show it a moment after commit() has returned.
  virtual void settle(const std::string& /*stream*/, std::uint32_t /*partitions*/, const std::string& /*group*/) {}
};

struct BedParam {
  std::string name;
  std::unique_ptr<TransportBed> (*make)();
  // Offsets have no gaps, so that they count records; bytes are counted; partitions stay with their workers.
  bool exact = true;
};

inline std::ostream& operator<<(std::ostream& out, const BedParam& param) { return out << param.name; }

}  // namespace eddy::host::contract
