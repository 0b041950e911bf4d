#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# abi.h alone is clean in every language it promises; every C++ header stands on its own.
source "$(dirname "$0")/common.sh"
strict="-pedantic -Wall -Wextra -Werror -fsyntax-only -I$prefix/include"
printf '#include <eddy/abi.h>\nEDDY_DEFINE_ABI_NOTE(0);\nEDDY_DEFINE_INFO_NOTE("n", "1");\n' >"$work/abi.c"
cp "$work/abi.c" "$work/abi.cpp"
for cc in $(present gcc clang); do
  for std in c11 c17; do $cc -std=$std $strict "$work/abi.c" || fail "$cc -std=$std"; done
done
for cxx in $(present g++ clang++); do
  for std in c++17 c++20; do $cxx -std=$std $strict "$work/abi.cpp" || fail "$cxx -std=$std"; done
done
for cxx in $(present g++); do
  for header in "$prefix"/include/eddy/*.hpp; do
    printf '#include <eddy/%s>\n' "$(basename "$header")" >"$work/alone.cpp"
    $cxx -std=c++20 -DEDDY_NO_JSON $strict -Wshadow -Wold-style-cast -Wnon-virtual-dtor "$work/alone.cpp" ||
      fail "$cxx: $(basename "$header") does not stand alone"
  done
done
