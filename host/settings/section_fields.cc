// SPDX-License-Identifier: Apache-2.0
// The keys of a function's and of a queue's section.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"
#include "settings/policy_fields.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using Fields = std::vector<Field>;
using F = FunctionSettings;

void add_running(Fields& all) {
  all.push_back(stored<&FunctionSettings::timeout_ms>(
      integer("timeout_ms", 0, 0, 86'400'000, "ms",
              "Longest time of one call; a later one is a dead letter of type `Timeout`; 0 sets no limit.")));
  all.push_back(stored<&FunctionSettings::isolation>(
      choice("isolation", "thread", {"thread", "process"},
             "Where calls run: guarded in the host, or in a sandboxed worker process.")));
  all.push_back(stored<&FunctionSettings::on_fault>(choice(
      "on_fault", "isolate", {"isolate", "continue", "quarantine"},
      "After a signal in `isolation: thread`: `isolate` moves the plugin's functions to worker processes, without a "
      "sandbox, until its file is replaced; `continue` goes on with a fresh copy in the host; `quarantine` stops its "
      "functions.")));
  all.push_back(stored<&FunctionSettings::max_deaths>(
      integer("max_deaths", 2, 1, 100, "",
              "A record that was being processed at this many deaths of the process is dead-lettered as `Killed` "
              "without being run.")));
  all.push_back(stored<&FunctionSettings::concurrency>(
      integer("concurrency", 0, 0, 1024, "",
              "Worker threads; 0: what the plugin declares, else one for each partition of the source.")));
  all.push_back(stored<&FunctionSettings::at_least_once>(
      choice("delivery", "exactly_once", {"exactly_once", "at_least_once"},
             "Whether outputs, dead letters and positions commit together; the embedded store always does, so it meets "
             "both.")));
  all.push_back(stored<&FunctionSettings::unit_ms>(
      integer("unit_ms", 100, 1, 60'000, "ms", "A unit of work commits after this time at the latest.")));
  all.push_back(stored<&FunctionSettings::unit_records>(
      integer("unit_records", 30'000, 1, 1'000'000, "records", "A unit of work commits after this many records.")));
  all.push_back(stored<&FunctionSettings::dead_letter_queue>(
      {.path = "dead_letter_queue",
       .fallback = ""s,
       .doc = "Where its dead letters go; empty: where the plugin says, else `eddy_dead_letters`."}));
  all.push_back(stored<&FunctionSettings::config_json>(
      {.path = "config",
       .kind = Kind::kMapping,
       .fallback = "{}"s,
       .doc = "Handed to a stateful function as its `eddy::Config`; a later section replaces it whole.",
       .secret = true}));
}

void add_sandbox(Fields& all) {
  using S = SandboxSettings;
  all.push_back(stored<&F::sandbox, &S::memory_mib>(
      integer("sandbox.memory_mib", 1024, 0, 1'048'576, "MiB",
              "With `isolation: process`: memory a worker process may take beyond what it begins with; 0 sets no "
              "limit.")));
  all.push_back(stored<&F::sandbox, &S::cpu_seconds>(integer(
      "sandbox.cpu_seconds", 0, 0, 31'536'000, "s",
      "Processor time of one worker process in its whole life, after which it is killed and replaced; 0 sets no "
      "limit.")));
  all.push_back(stored<&F::sandbox, &S::open_files>(
      integer("sandbox.open_files", 64, 8, 65'536, "", "File descriptors a worker process may have.")));
  all.push_back(stored<&F::sandbox, &S::network>(
      flag("sandbox.network", false, "Whether a worker process may use the network.")));
  all.push_back(
      stored<&F::sandbox, &S::read>(texts("sandbox.read", {}, "Files and folders a worker process may read.")));
  all.push_back(stored<&F::sandbox, &S::write>(
      texts("sandbox.write", {}, "Files and folders a worker process may read and write.")));
}

Field redact() {
  return texts("redact", {},
               "JSON pointers into records, `*` for every member or element of a level: their values, wherever they "
               "are repeated, are masked when a record, a dead letter or an output is shown, logged, exported or told "
               "by a webhook, and never when it is redriven; what is not JSON is masked whole. A digest tells who "
               "tries short values. The pointers of a function and of its queue add up; a later section replaces "
               "those of an earlier one.");
}

}  // namespace

std::vector<Field> function_fields() {
  Fields all;
  add_running(all);
  add_sandbox(all);
  add_retry(all);
  add_breaker(all);
  add_function_limits(all);
  all.push_back(stored<&FunctionSettings::redact>(redact()));
  return all;
}

std::vector<Field> queue_fields() {
  using Q = QueueSettings;
  using O = QueueOptions;
  Fields all;
  all.push_back(stored<&Q::options, &O::format>(
      choice("format", "envelope", {"envelope", "raw"},
             "`envelope`: a JSON object with the facts and the original; `raw`: the original bytes, the facts in "
             "headers.")));
  all.push_back(stored<&Q::options, &O::casing>(
      choice("casing", "snake_case", {"snake_case", "camelCase"}, "How the envelope's fields are written.")));
  all.push_back(stored<&Q::options, &O::header_compat>(
      choice("header_compat", "none", {"none", "connect", "spring"},
             "Also write the error headers that Kafka Connect's or Spring's tools expect.")));
  all.push_back(stored<&Q::options, &O::context_headers>(
      {.path = "context_headers",
       .kind = Kind::kBool,
       .fallback = false,
       .doc = "Repeat the facts as `__eddy.errors.*` headers; always on for `format: raw`."}));
  all.push_back(stored<&Q::options, &O::max_hops>(
      integer("max_hops", 3, 1, 1000, "", "Times a letter may fail in a recovery before it is parked.")));
  all.push_back(stored<&Q::retention_days>(
      integer("retention_days", 30, 0, 36500, "days", "How long dead letters are kept; 0 keeps them for ever.")));
  add_queue_limits(all);
  all.push_back(stored<&Q::table>(
      text("table", "",
           "Name of a table that the queue's letters go to as well, so that they can be queried with SQL; empty: none. "
           "It has the originals in clear: with `encryption` it needs `encryption.table_in_clear`.")));
  all.push_back(stored<&Q::redact>(redact()));
  all.push_back(stored<&Q::encryption, &EncryptionSettings::key_file>(
      text("encryption.key_file", "",
           "A file of mode 0600 with a key for the originals of the queue's letters (`openssl rand -base64 32`): they "
           "are stored encrypted, the facts about them are not. Of several keys, a line each, the first encrypts and "
           "the others read what they have encrypted before; empty: nothing is encrypted.")));
  Field key =
      text("encryption.key", "", "The keys themselves, apart by commas, as an environment variable: `${NAME}`.");
  key.secret = key.hidden = true;
  all.push_back(stored<&Q::encryption, &EncryptionSettings::key>(key));
  all.push_back(stored<&Q::encryption, &EncryptionSettings::table_in_clear>(
      flag("encryption.table_in_clear", false,
           "Let the queue's `table` have what is encrypted in the queue. Without it the two together are refused.")));
  return all;
}

}  // namespace eddy::host
