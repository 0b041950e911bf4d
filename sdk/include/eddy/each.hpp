// SPDX-License-Identifier: Apache-2.0
// EDDY_DETAIL_EACH(macro, data, a, b, …): macro(data, a), macro(data, b), … for up to 340 arguments.
#pragma once

#define EDDY_DETAIL_EACH(macro, data, ...) \
  __VA_OPT__(EDDY_DETAIL_EXPAND(EDDY_DETAIL_EACH_ONE(macro, data, __VA_ARGS__)))
#define EDDY_DETAIL_EACH_ONE(macro, data, first, ...) \
  macro(data, first) __VA_OPT__(, EDDY_DETAIL_EACH_AGAIN EDDY_DETAIL_PARENS(macro, data, __VA_ARGS__))
#define EDDY_DETAIL_EACH_AGAIN() EDDY_DETAIL_EACH_ONE
#define EDDY_DETAIL_PARENS ()

// Every level scans its text four times more: 4 + 4^2 + 4^3 + 4^4 rounds.
#define EDDY_DETAIL_EXPAND(...) \
  EDDY_DETAIL_EXPAND4(EDDY_DETAIL_EXPAND4(EDDY_DETAIL_EXPAND4(EDDY_DETAIL_EXPAND4(__VA_ARGS__))))
#define EDDY_DETAIL_EXPAND4(...) \
  EDDY_DETAIL_EXPAND3(EDDY_DETAIL_EXPAND3(EDDY_DETAIL_EXPAND3(EDDY_DETAIL_EXPAND3(__VA_ARGS__))))
#define EDDY_DETAIL_EXPAND3(...) \
  EDDY_DETAIL_EXPAND2(EDDY_DETAIL_EXPAND2(EDDY_DETAIL_EXPAND2(EDDY_DETAIL_EXPAND2(__VA_ARGS__))))
#define EDDY_DETAIL_EXPAND2(...) \
  EDDY_DETAIL_EXPAND1(EDDY_DETAIL_EXPAND1(EDDY_DETAIL_EXPAND1(EDDY_DETAIL_EXPAND1(__VA_ARGS__))))
#define EDDY_DETAIL_EXPAND1(...) __VA_ARGS__

// A list entry is `member` or EDDY_FIELD(member, "Wire Name"), which stands for (member, "Wire Name").
#define EDDY_DETAIL_RENAMED(entry) EDDY_DETAIL_SECOND(EDDY_DETAIL_PROBE entry, 0, 0)
#define EDDY_DETAIL_PROBE(...) ~, 1
#define EDDY_DETAIL_SECOND(...) EDDY_DETAIL_SECOND_OF(__VA_ARGS__)
#define EDDY_DETAIL_SECOND_OF(first, second, ...) second
#define EDDY_DETAIL_CONCAT(a, b) EDDY_DETAIL_CONCAT_OF(a, b)
#define EDDY_DETAIL_CONCAT_OF(a, b) a##b

#define EDDY_DETAIL_MEMBER(entry) EDDY_DETAIL_CONCAT(EDDY_DETAIL_MEMBER_, EDDY_DETAIL_RENAMED(entry))(entry)
#define EDDY_DETAIL_MEMBER_0(entry) entry
#define EDDY_DETAIL_MEMBER_1(entry) EDDY_DETAIL_PAIR_MEMBER entry
#define EDDY_DETAIL_PAIR_MEMBER(member, wire) member

#define EDDY_DETAIL_NAME(entry) EDDY_DETAIL_CONCAT(EDDY_DETAIL_NAME_, EDDY_DETAIL_RENAMED(entry))(entry)
#define EDDY_DETAIL_NAME_0(entry) #entry
#define EDDY_DETAIL_NAME_1(entry) EDDY_DETAIL_PAIR_NAME entry
#define EDDY_DETAIL_PAIR_NAME(member, wire) wire
