// SPDX-License-Identifier: Apache-2.0
// Ties a field of the table to a member of the settings.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "settings/fields.h"
#include "settings/json_value.h"

namespace eddy::host {

inline Settings& part_of(const Target& target, const Settings*) { return *target.top; }
inline FunctionSettings& part_of(const Target& target, const FunctionSettings*) { return *target.function; }
inline QueueSettings& part_of(const Target& target, const QueueSettings*) { return *target.queue; }
inline StreamSettings& part_of(const Target& target, const StreamSettings*) { return *target.stream; }
inline TableSettings& part_of(const Target& target, const TableSettings*) { return *target.table; }
inline WebhookSettings& part_of(const Target& target, const WebhookSettings*) { return *target.webhook; }
inline TokenSettings& part_of(const Target& target, const TokenSettings*) { return *target.token; }
inline AdminTokenSettings& part_of(const Target& target, const AdminTokenSettings*) { return *target.admin_token; }

template <typename Class, typename Member>
Class* class_of(Member Class::*);

// The member that a path of member pointers leads to; the first one's class says in which part of the target.
template <auto First, auto... Rest>
auto& member_of(const Target& target) {
  using Class = std::remove_pointer_t<decltype(class_of(First))>;
  return ((part_of(target, static_cast<const Class*>(nullptr)).*First).*....*Rest);
}

template <auto... Path>
void store_at(const Field& field, const Target& target, const Value& value) {
  auto& member = member_of<Path...>(target);
  using Member = std::remove_reference_t<decltype(member)>;
  if constexpr (std::is_same_v<Member, bool>) {
    member = field.allowed.empty() ? std::get<bool>(value) : std::get<std::string>(value) == field.allowed.back();
  } else if constexpr (std::is_enum_v<Member>) {
    const auto found = std::find(field.allowed.begin(), field.allowed.end(), std::get<std::string>(value));
    member = static_cast<Member>(found - field.allowed.begin());
  } else if constexpr (std::is_integral_v<Member>) {
    member = static_cast<Member>(std::get<std::int64_t>(value));
  } else if constexpr (std::is_same_v<Member, std::map<std::string, std::string>>) {
    member = from_properties(std::get<std::string>(value));
  } else {
    member = std::get<Member>(value);
  }
}

template <auto... Path>
Value load_at(const Field& field, const Target& target) {
  const auto& member = member_of<Path...>(target);
  using Member = std::remove_cvref_t<decltype(member)>;
  if constexpr (std::is_same_v<Member, bool>) {
    if (!field.allowed.empty()) return std::string(member ? field.allowed.back() : field.allowed.front());
    return member;
  } else if constexpr (std::is_enum_v<Member>) {
    return std::string(field.allowed.at(static_cast<std::size_t>(member)));
  } else if constexpr (std::is_integral_v<Member>) {
    return static_cast<std::int64_t>(member);
  } else if constexpr (std::is_same_v<Member, std::map<std::string, std::string>>) {
    return to_properties(member);
  } else {
    return member;
  }
}

// .store and .load of a field, by the members' path.
template <auto... Path>
Field stored(Field field) {
  field.store = &store_at<Path...>;
  field.load = &load_at<Path...>;
  return field;
}

}  // namespace eddy::host
