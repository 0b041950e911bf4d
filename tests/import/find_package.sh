#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A project of an author's own: find_package(Eddy), eddy_add_plugin, two source files.
source "$(dirname "$0")/common.sh"
for cxx in $(present g++ clang++); do
  cmake -S "$source/tests/import/project" -B "$work/$cxx" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$cxx"
  cmake --build "$work/$cxx"
  check_plugin "$work/$cxx/two_files.so"
done
