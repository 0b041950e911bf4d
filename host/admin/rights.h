// SPDX-License-Identifier: Apache-2.0
// Who asks, and what they may do.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace eddy::host {

enum class Right : std::uint8_t {
  kView,     // read what is masked already: states, groups, letters, metrics
  kOperate,  // change something
  kReveal,   // see what `redact` masks
};

std::string_view right_name(Right right);  // "view", "operate", "reveal"

class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(std::initializer_list<Right> rights) {
    for (const Right right : rights) add(right);
  }
  static constexpr Rights all() { return {Right::kView, Right::kOperate, Right::kReveal}; }

  constexpr void add(Right right) { bits_ |= bit(right); }
  constexpr bool has(Right right) const { return (bits_ & bit(right)) != 0; }
  constexpr bool operator==(const Rights&) const = default;

 private:
  static constexpr unsigned bit(Right right) { return 1u << static_cast<unsigned>(right); }
  unsigned bits_ = 0;
};

struct Operator {
  std::string name;  // of the token or of the certificate's subject; "local": nobody had to say who they are
  Rights rights;
  bool may(Right right) const { return rights.has(right); }
};

}  // namespace eddy::host
