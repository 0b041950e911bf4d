#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The documented command line, with each compiler; and a plugin without any JSON library.
source "$(dirname "$0")/common.sh"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cd "$work"
cp "$source/plugins/events/events.cpp" events.cpp
for cxx in $(present g++ clang++); do
  $cxx -std=c++20 -shared -fPIC events.cpp -o "events.$cxx.so" $(pkg-config --cflags --libs eddy)
  check_plugin "events.$cxx.so"
  $cxx -std=c++20 -shared -fPIC -DEDDY_NO_JSON -O2 -Wall -Wextra -Wpedantic -Werror events.cpp -o "plain.$cxx.so" \
    $(pkg-config --cflags --libs eddy)
  check_plugin "plain.$cxx.so"
  $cxx -std=c++20 -shared -fPIC -O2 -Wall -Wextra -Wpedantic -Werror "$source/plugins/cpp_minimal/cpp_minimal.cpp" \
    -o "minimal.$cxx.so" $(pkg-config --cflags --libs eddy)
  check_plugin "minimal.$cxx.so"
  check_minimal "minimal.$cxx.so"
  # What brings GNU_UNIQUE symbols along, and a standard library inside.
  $cxx -std=c++20 -shared -fPIC -DEDDY_NO_JSON "$source"/tests/import/project/*.cpp -o "static.$cxx.so" \
    -static-libstdc++ -static-libgcc $(pkg-config --cflags --libs eddy)
  check_plugin "static.$cxx.so"
done
