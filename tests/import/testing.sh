#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An author's own test program, with no framework: the plugin's sources in it, and the built plugin loaded by it.
source "$(dirname "$0")/common.sh"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
project=$source/tests/import/project
test=$source/tests/import/testing/words_test.cpp
strict="-std=c++20 -Wall -Wextra -Wpedantic -Werror -I$project $(pkg-config --cflags eddy)"
for cxx in $(present g++ clang++); do
  $cxx $strict "$test" "$project/words.cpp" "$project/entry.cpp" -o "$work/linked.$cxx"
  "$work/linked.$cxx"
  $cxx $strict -shared "$project/words.cpp" "$project/entry.cpp" -o "$work/words.$cxx.so" $(pkg-config --libs eddy)
  $cxx $strict -DLOADED "$test" -o "$work/loaded.$cxx"
  "$work/loaded.$cxx" "$work/words.$cxx.so"
  echo "ok: $cxx"
done
