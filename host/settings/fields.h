// SPDX-License-Identifier: Apache-2.0
// The field table: every key of the configuration, once. Parsing, defaults, the reference, the schema and masking all
// follow from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.h"
#include "settings/value.h"

namespace eddy::host {

// Where a key may stand. kTop stands alone; kToken and kAdminToken are entries of a list; the others are sections keyed
// by a name or a glob.
enum class Scope : std::uint8_t { kTop, kFunction, kQueue, kStream, kTable, kWebhook, kToken, kAdminToken };

enum class Kind : std::uint8_t {
  kBool,
  kInteger,
  kNumber,
  kText,
  kTextList,
  kProperties,  // a mapping of texts
  kMapping,     // any mapping, handed on as JSON
};

// Where values are stored; only the member of the field's scope is used.
struct Target {
  Settings* top = nullptr;
  FunctionSettings* function = nullptr;
  QueueSettings* queue = nullptr;
  StreamSettings* stream = nullptr;
  TableSettings* table = nullptr;
  TokenSettings* token = nullptr;
  AdminTokenSettings* admin_token = nullptr;
  WebhookSettings* webhook = nullptr;
};

struct Field {
  std::string_view path;  // "streams.embedded.sync"; inside a section without its name: "retry.max_attempts"
  Kind kind = Kind::kText;
  Value fallback;                           // the default; monostate: none
  std::vector<std::string_view> allowed{};  // texts; in the order of the enumeration it is stored in
  double least = 0, most = 0;               // numbers
  std::string_view unit{};
  std::string_view doc{};       // what it does, in one sentence
  std::string_view only{};      // why nothing but the default is accepted; empty: all of the above is
  bool served = true;           // false: known and checked, but nothing reads it yet
  bool secret = false;          // may hold a password: shown masked, never repeated in an error
  bool hidden = false;          // a secret as a whole: nothing of it is shown but the name of a variable
  bool listen_address = false;  // a text of the form host:port
  bool may_be_off = false;      // a text that may also be empty or false
  void (*store)(const Field&, const Target&, const Value&) = nullptr;
  Value (*load)(const Field&, const Target&) = nullptr;  // the inverse of `store`
};

std::span<const Field> fields(Scope scope);

// "functions", "dead_letter_queues", "streams.named", "tables.named", "webhooks", "ingest.tokens", "admin.tokens";
// empty for kTop.
std::string_view section_name(Scope scope);
inline constexpr Scope kSections[] = {Scope::kFunction, Scope::kQueue, Scope::kStream,    Scope::kTable,
                                      Scope::kWebhook,  Scope::kToken, Scope::kAdminToken};

// The keys directly below `prefix` ("" or "retry."), each once, in the table's order, without what follows.
std::vector<std::string_view> children(Scope scope, std::string_view prefix);

const Field* find_field(Scope scope, std::string_view path);

// "0 to 86400000 ms", "envelope or raw", "true or false": what a value must be, for messages and documentation.
std::string expectation(const Field& field);

// What the field's value is in `settings`: stored, given or default.
Value effective(const Field& field, const Settings& settings);

}  // namespace eddy::host
