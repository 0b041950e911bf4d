// SPDX-License-Identifier: Apache-2.0
// A pipeline whole: route, stream, table and dead letter queue.
#include <cstdlib>
#include <eddy/eddy.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

EDDY_PLUGIN_INFO("ledger", "1.0.0")

struct Entry {
  eddy::Unique<std::int64_t> id;
  eddy::Key<std::string> account;
  std::optional<double> amount;
  std::optional<eddy::Timestamp> at;
  std::vector<std::string> tags;
};
EDDY_MODEL(Entry, id, account, amount, at, tags)

void validate(const Entry& entry) {
  if (entry.account.value.empty()) throw std::invalid_argument("account is empty");
  if (entry.account.value == "crash")
    __builtin_trap();  // a null pointer would be reported by UBSan, which ends the process
}

EDDY_PLUGIN(app) { app.ingest_pipeline<Entry>("entries", {.table = true}); }
