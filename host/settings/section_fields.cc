// SPDX-License-Identifier: Apache-2.0
// The keys of a function's and of a queue's section.
#include "settings/binding.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;
using Fields = std::vector<Field>;

constexpr std::string_view kNoRetry = "this version calls a function once for each record";
constexpr std::string_view kNoBreaker = "this version has no circuit breaker";
constexpr std::string_view kAllKept = "this version keeps every dead letter whole";

Field integer(std::string_view path, std::int64_t fallback, double least, double most, std::string_view unit,
              std::string_view doc) {
  return {.path = path,
          .kind = Kind::kInteger,
          .fallback = fallback,
          .least = least,
          .most = most,
          .unit = unit,
          .doc = doc};
}

Field number(std::string_view path, Value fallback, double least, double most, std::string_view doc) {
  return {
      .path = path, .kind = Kind::kNumber, .fallback = std::move(fallback), .least = least, .most = most, .doc = doc};
}

Field choice(std::string_view path, std::string fallback, std::vector<std::string_view> allowed, std::string_view doc) {
  return {.path = path, .fallback = std::move(fallback), .allowed = std::move(allowed), .doc = doc};
}

Field only(std::string_view reason, Field field) {
  field.only = reason;
  return field;
}

// A breaker key has no value that means "off": it is left out.
Field absent(std::string_view reason, Field field) {
  field.only = reason;
  field.fallback = std::monostate{};
  return field;
}

void add_running(Fields& all) {
  all.push_back(stored<&FunctionSettings::timeout_ms>(
      integer("timeout_ms", 0, 0, 86'400'000, "ms",
              "Longest time of one call; a later one is a dead letter of type `Timeout`; 0 sets no limit.")));
  all.push_back(only("this version calls functions in the host's own threads only",
                     choice("isolation", "thread", {"thread", "process"},
                            "Where calls run: guarded in the host, or in a sandboxed worker process.")));
  all.push_back(stored<&FunctionSettings::on_fault>(choice(
      "on_fault", "isolate", {"isolate", "continue", "quarantine"},
      "After a signal: `isolate` moves the plugin to a worker process, and goes on with a fresh copy of it where "
      "there are none, as in this version; `continue` goes on with a fresh copy; `quarantine` stops its "
      "functions.")));
  all.push_back(stored<&FunctionSettings::max_deaths>(
      integer("max_deaths", 2, 1, 100, "",
              "A record that was being processed at this many deaths of the process is dead-lettered as `Killed` "
              "without being run.")));
  all.push_back(stored<&FunctionSettings::concurrency>(
      integer("concurrency", 0, 0, 1024, "",
              "Worker threads; 0: what the plugin declares, else one for each partition of the source.")));
  all.push_back({.path = "delivery",
                 .fallback = "exactly_once"s,
                 .allowed = {"exactly_once", "at_least_once"},
                 .doc =
                     "Whether outputs, dead letters and positions commit together; the embedded store always does, so "
                     "it meets both."});
  all.push_back(stored<&FunctionSettings::unit_ms>(
      integer("unit_ms", 100, 1, 60'000, "ms", "A unit of work commits after this time at the latest.")));
  all.push_back(stored<&FunctionSettings::unit_records>(
      integer("unit_records", 10'000, 1, 1'000'000, "records", "A unit of work commits after this many records.")));
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

void add_retry(Fields& all) {
  all.push_back(only(kNoRetry, integer("retry.max_attempts", 1, 1, 1000, "", "Calls made, the first one counted.")));
  all.push_back(integer("retry.initial_interval_ms", 1000, 1, 3'600'000, "ms",
                        "First pause between attempts; no effect while `max_attempts` is 1."));
  all.push_back(number("retry.multiplier", 2.0, 1, 100, "Growth of the pause; no effect while `max_attempts` is 1."));
  all.push_back(integer("retry.max_interval_ms", 60'000, 1, 86'400'000, "ms",
                        "Longest pause; no effect while `max_attempts` is 1."));
  all.push_back(number("retry.jitter", 0.2, 0, 1, "Random share of the pause; no effect while `max_attempts` is 1."));
  all.push_back(only(kNoRetry, choice("retry.mode", "in_place", {"in_place", "stream"},
                                      "Whether the partition waits, or the record moves to a retry stream.")));
  all.push_back({.path = "retry.on",
                 .kind = Kind::kTextList,
                 .fallback = Texts{"*"},
                 .doc = "Globs on `error_type` that are tried again; no effect while `max_attempts` is 1."});
  all.push_back({.path = "retry.never_on",
                 .kind = Kind::kTextList,
                 .fallback = Texts{"ValidationError", "ParseError", "SIG*"},
                 .doc = "Globs on `error_type` that are not; no effect while `max_attempts` is 1."});
}

void add_breaker(Fields& all) {
  const auto add = [&](Field field) { all.push_back(absent(kNoBreaker, std::move(field))); };
  add(number("breaker.failure_ratio", 0.5, 0, 1, "Share of failed calls that opens the breaker."));
  add(integer("breaker.min_calls", 10, 1, 1'000'000, "", "Calls in the window before the share counts."));
  add(integer("breaker.window_ms", 60'000, 1, 86'400'000, "ms", "Length of the window."));
  add(integer("breaker.consecutive_failures", 5, 1, 1'000'000, "", "Failures in a row that open the breaker."));
  add(integer("breaker.reset_timeout_ms", 60'000, 1, 86'400'000, "ms", "Time until an open breaker probes."));
  add(integer("breaker.probes", 1, 1, 1000, "", "Calls that must succeed to close it again."));
  add(choice("breaker.on_open", "pause", {"pause", "dead_letter"},
             "What an open breaker does: consume nothing, or fail fast."));
}

// Keys that a function and a queue have alike.
void add_volume(Fields& all) {
  all.push_back(only(kAllKept, number("sample", 1.0, 0, 1, "Share of dead letters that are kept whole.")));
  all.push_back(only(kAllKept, integer("max_per_second", 0, 0, 1'000'000'000, "dead letters per second",
                                       "Cap on dead letters kept; 0 sets none.")));
  all.push_back(only(kAllKept, choice("on_overflow", "pause", {"pause", "sample"}, "What happens above the cap.")));
  all.push_back({.path = "redact",
                 .kind = Kind::kTextList,
                 .fallback = Texts{},
                 .doc = "JSON pointers that are masked when a record is shown.",
                 .only = "this version shows records as they are"});
}

}  // namespace

std::vector<Field> function_fields() {
  Fields all;
  add_running(all);
  add_retry(all);
  add_breaker(all);
  add_volume(all);
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
  add_volume(all);
  return all;
}

}  // namespace eddy::host
