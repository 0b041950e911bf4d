#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `eddy plugin conform`: a plugin that keeps the rules passes, and each fault is told of at its record.
source "$(dirname "$0")/common.sh"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

# Fault $1 of edgy.c ends in exit code $2 and says $3.
conform() {
  local file=$work/edgy_$1.so ended=0
  gcc -std=c11 -D_POSIX_C_SOURCE=200809L -DFAULT="$1" -Wall -Wextra -Werror -shared -fPIC \
    "$source/tests/import/conform/edgy.c" -o "$file" $(pkg-config --cflags --libs eddy)
  timeout 120 "$eddy" plugin conform "$file" >"$work/said" 2>&1 || ended=$?
  [ "$ended" = "$2" ] || { cat "$work/said" >&2; fail "fault $1: exit code $ended, expected $2"; }
  grep -qF "$3" "$work/said" || { cat "$work/said" >&2; fail "fault $1: does not say: $3"; }
  echo "ok: fault $1"
}
conform 0 0 "ok    take: a value of 1 MiB"
! grep -q '^FAIL' "$work/said" || fail "a plugin without a fault: $(cat "$work/said")"
conform 1 1 "FAIL  take: a null value: SIGSEGV"
grep -qF "ok    take: an empty value" "$work/said" || fail "nothing is checked after a fault"
conform 2 1 "FAIL  take: a null value: EDDY_FAILED without fail()"
conform 3 1 "FAIL  take: a null value: Timeout"
conform 4 1 "FAIL  the process outlives the plugin: it died of signal 9"
echo "no plugin" >"$work/text.so"
ended=0
"$eddy" plugin conform "$work/text.so" >"$work/said" || ended=$?
[ "$ended" = 1 ] || fail "a file that is no plugin: exit code $ended"
grep -q '^FAIL  the file and its note: ' "$work/said" || fail "$(cat "$work/said")"
