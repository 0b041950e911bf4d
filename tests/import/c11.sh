#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin in C11: by pkg-config, and as a CMake project that knows no C++.
source "$(dirname "$0")/common.sh"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
for cc in $(present gcc clang); do
  $cc -std=c11 -pedantic -Wall -Wextra -Werror -shared -fPIC "$source/plugins/c_minimal/c_minimal.c" \
    -o "$work/c_minimal.$cc.so" $(pkg-config --cflags --libs eddy)
  check_plugin "$work/c_minimal.$cc.so"
  check_minimal "$work/c_minimal.$cc.so"
  cmake -S "$source/tests/import/c_project" -B "$work/$cc" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" \
    -DC_MINIMAL="$source/plugins/c_minimal/c_minimal.c"
  cmake --build "$work/$cc"
  check_plugin "$work/$cc/c_minimal.so"
  check_minimal "$work/$cc/c_minimal.so"
done
