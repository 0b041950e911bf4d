#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh BUILD_DIR PREFIX: the component "sdk" alone, into an empty prefix that is then moved.
set -euo pipefail
rm -rf "$2" "$2.first"
cmake --install "$1" --component sdk --prefix "$2.first"
mv "$2.first" "$2"
for file in include/eddy/abi.h include/eddy/eddy.hpp include/eddy/testing.hpp lib/cmake/Eddy/EddyConfig.cmake lib/pkgconfig/eddy.pc \
  share/eddy/plugin.map; do
  [ -f "$2/$file" ] || { echo "FAILED: $file was not installed" >&2; exit 1; }
done
