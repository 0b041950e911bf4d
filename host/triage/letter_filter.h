// SPDX-License-Identifier: Apache-2.0
// Which letters are meant: one filter for the command line, the query string and the body of a request.
#pragma once

#include <bitset>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dead_letter/letter_state.h"

namespace eddy::host {

// Letters by state, a bit for each LetterState.
using LetterStates = std::bitset<5>;
inline bool has(LetterStates states, LetterState state) { return states.test(static_cast<std::size_t>(state)); }

// The original, which must be JSON, has this value there.
struct PointerMatch {
  std::string pointer;  // RFC 6901: "" is the whole, "/a/0" the first element of member a
  std::string value;    // a string's text as it is, or any JSON value
  bool operator==(const PointerMatch&) const = default;
};

// All that is given must hold. Made by add(), from the names and values that operators write.
struct LetterFilter {
  std::string group;                      // fingerprint; empty: any
  std::string type;                       // of the error, a glob: * ? [abc]; empty: any
  std::optional<std::int64_t> since_us;   // failed at or after
  std::optional<std::int64_t> until_us;   // failed before
  std::vector<PointerMatch> match;        // looked for in the letters themselves
  std::string where;                      // SQL over the view `letters` (README.md); empty: any
  std::string function;                   // that failed last; empty: any
  LetterStates states = LetterStates(1);  // open alone
  bool reveal = false;                    // who asks may see what `redact` hides: else `match` must not look there

  bool operator==(const LetterFilter&) const = default;
};

// Takes one value of a filter: group, type, since, until, match, where, function, state. Times are RFC 3339, or how
// long ago: 90s, 15m, 2h, 3d, 1w. `match` may be given several times, `state` too (a name or `all`); the first state
// replaces the default. kUsage: no such name, or no such value; says what is expected.
class LetterFilterReader {
 public:
  explicit LetterFilterReader(std::int64_t now_us) : now_us_(now_us) {}
  static bool knows(std::string_view name);
  Result<void> add(std::string_view name, std::string_view value);
  // A request's object: a value a name, `match` and `state` also as lists.
  Result<void> add(const nlohmann::ordered_json& object);
  const LetterFilter& filter() const { return filter_; }

 private:
  Result<void> add_time(std::string_view name, std::string_view value, std::optional<std::int64_t>& into);
  Result<void> add_match(std::string_view value);
  Result<void> add_state(std::string_view value);

  std::int64_t now_us_;
  bool states_given_ = false;
  LetterFilter filter_;
};

// The name of a parked queue means the parked letters of its queue, unless the filter says which states it wants.
void resolve_parked(std::string& queue, LetterFilter& filter);

// As a request has it; times are absolute. What add() makes of it is the same filter.
nlohmann::ordered_json to_json(const LetterFilter& filter);
// What to_json() made, without the values of `match`: they may be what `redact` hides. For logs, and for others than
// who asked.
nlohmann::ordered_json without_values(nlohmann::ordered_json filter);

}  // namespace eddy::host
