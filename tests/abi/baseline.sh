#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# baseline.sh SOURCE WORK: the headers are the recorded ABI; and a change of each kind would not pass for it.
set -euo pipefail
source=$1 work=$2
rm -rf "$work" && mkdir -p "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }

"$source/sdk/abi/compare"

# With the sed script $2 over abi.h: abidiff tells of it, and the layout in this language compiles or not, as $3 says.
change() {
  local what=$1 script=$2 layout=$3 compiles=yes
  rm -rf "$work/include" && cp -r "$source/sdk/include" "$work/include"
  sed -i "$script" "$work/include/eddy/abi.h"
  ! cmp -s "$work/include/eddy/abi.h" "$source/sdk/include/eddy/abi.h" || fail "$what: the header was not changed"
  if "$source/sdk/abi/compare" "$work/include" 2>"$work/said"; then fail "$what: passes for the recorded ABI"; fi
  grep -q 'sdk/abi/compare --record' "$work/said" || { cat "$work/said" >&2; fail "$what: nobody is told what to do"; }
  gcc -std=c11 -fsyntax-only -I"$work/include" "$source/sdk/abi/layout.c" 2>"$work/said" || compiles=no
  [ "$compiles" = "$layout" ] || fail "$what: layout.c compiles: $compiles, expected $layout"
  echo "ok: $what"
}
change "a member appended" 's/^  eddy_str original; .*/&\n  eddy_str more;/' no
change "two members of one size swapped" 's/^  uint32_t attempts;/  uint32_t swapped;/; s/^  uint32_t hops;/  uint32_t attempts;/
  s/^  uint32_t swapped;/  uint32_t hops;/' no
change "a callback's parameter retyped" 's/(\*cancelled)(eddy_call \*call)/(*cancelled)(const eddy_call *call)/' yes
change "a constant added" 's/EDDY_LOG_ERROR = 3/EDDY_LOG_ERROR = 3, EDDY_LOG_FATAL = 4/' yes
change "a constant renumbered" 's/EDDY_FILTERED = 1/EDDY_FILTERED = 7/' no
