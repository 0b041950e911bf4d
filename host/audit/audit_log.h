// SPDX-License-Identifier: Apache-2.0
// What operators did: one JSON object a line, appended, never changed.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/backward_lines.h"
#include "base/result.h"

namespace eddy::host {

struct AuditOptions {
  std::uint64_t max_bytes = std::uint64_t{64} << 20;  // of one file; beyond it a new one is begun
  std::uint32_t files = 8;                            // older ones that are kept
};

enum class AuditOutcome : std::uint8_t {
  kAsked,    // it is begun; there is another entry with the same id when it has ended
  kDone,     // it ended, and did what it says
  kFailed,   // it ended, and did not: what `result` says
  kRefused,  // it was not begun: who asked may not
};
std::string_view outcome_name(AuditOutcome outcome);  // "asked", "done", "failed", "refused"

struct AuditEntry {
  std::string id{};      // of the action; the same in its entries. Empty: append() makes one
  std::string who{};     // name of a token or a certificate, "local", or "user NAME" of the command line
  std::string from{};    // address, or "command line"
  std::string action{};  // "POST /api/v1/plugins/{name}/release", "eddy put"
  nlohmann::ordered_json parameters = nlohmann::ordered_json::object();  // no secrets, nothing that `redact` masks
  AuditOutcome outcome = AuditOutcome::kAsked;
  int status = 0;  // of HTTP; 0: none
  std::string result{};
};

// Which entries are wanted; the newest come first.
struct AuditFilter {
  std::size_t limit = 100;
  std::string who{};     // empty: anybody
  std::string action{};  // a glob; empty: any
  std::optional<std::int64_t> since_us{};
  std::string before{};  // a cursor, the `at` of the last entry that is known: only what is older
};

// Thread-safe, and safe beside other processes that write to the same folder. Files: `audit.ndjson`, and older ones
// `audit.ndjson.1` (the newest of these), `.2` …; only the owner may read them.
class AuditLog {
 public:
  AuditLog(std::string folder, AuditOptions options) : folder_(std::move(folder)), options_(options) {}

  // On the disk when it returns. kUnavailable: it is not, and why; what the entry is about should not be done then.
  // Gives the entry's id.
  Result<std::string> append(const AuditEntry& entry, std::int64_t now_us) const;

  // Lines that are no entries (a write that a crash cut off) are passed over. Of an action only the last entry comes.
  Result<std::vector<nlohmann::ordered_json>> read(const AuditFilter& filter) const;

  std::string path() const { return folder_ + "/audit.ndjson"; }

 private:
  std::string path(std::uint32_t number) const;
  Result<void> rotate() const;
  Result<std::vector<BackwardLines>> open_all() const;

  const std::string folder_;
  const AuditOptions options_;
};

}  // namespace eddy::host
