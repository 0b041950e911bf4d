#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The C headers are clean in every language they promise; every C++ header stands on its own, with both compilers.
source "$(dirname "$0")/common.sh"
strict="-pedantic -Wall -Wextra -Werror -fsyntax-only -I$prefix/include"
cd "$prefix/include"
for header in eddy/*.h eddy/ext/*.h; do
  [ -f "$header" ] || continue  # no extension is there yet
  printf '#include <%s>\n' "$header" >"$work/alone.c"
  if [ "$header" = eddy/abi.h ]; then
    printf 'EDDY_DEFINE_ABI_NOTE(0);\nEDDY_DEFINE_INFO_NOTE("n", "1");\n' >>"$work/alone.c"
  fi
  cp "$work/alone.c" "$work/alone.cpp"
  for cc in $(present gcc clang); do
    for std in c11 c17; do $cc -std=$std $strict "$work/alone.c" || fail "$cc -std=$std: $header"; done
  done
  for cxx in $(present g++ clang++); do
    for std in c++17 c++20; do $cxx -std=$std $strict "$work/alone.cpp" || fail "$cxx -std=$std: $header"; done
  done
done
for cxx in $(present g++ clang++); do
  for header in eddy/*.hpp eddy/testing/*.hpp; do
    printf '#include <%s>\n' "$header" >"$work/alone.cpp"
    $cxx -std=c++20 -DEDDY_NO_JSON $strict -Wshadow -Wold-style-cast -Wnon-virtual-dtor "$work/alone.cpp" ||
      fail "$cxx: $header does not stand alone"
  done
  printf '#include <eddy/eddy.hpp>\n' >"$work/alone.cpp"
  $cxx -std=c++20 $strict "$work/alone.cpp" || fail "$cxx: eddy/eddy.hpp with its JSON library"
done
