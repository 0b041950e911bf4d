// SPDX-License-Identifier: Apache-2.0
// The transport that needs no broker: streams in one SQLite file, durable and transactional.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host {

struct EmbeddedOptions {
  std::string data_dir;  // created when missing
  bool sync_full =
      false;  // units survive a power cut too; without it a power cut repeats the last units, never half of one
  std::size_t max_record_bytes = 64u << 20;
  bool exclusive = true;  // the running host: only one may hold the directory. Tools that read or append pass false
};

// kUnavailable when another host holds the directory (its pid is in the text), kConfig when the directory cannot be
// used, kCorrupt when its database is not one of ours, kRefused when it was written by a newer version.
// Sessions and browsers may outlive the transport. An append of no records makes what was committed before survive a
// power cut, as one of some records does.
Result<std::unique_ptr<Transport>> open_embedded(const EmbeddedOptions& options);

}  // namespace eddy::host
