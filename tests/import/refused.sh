#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every file in refused/ has one mistake, and each compiler must say the words of its "// says:" line.
source "$(dirname "$0")/common.sh"
files=("$source"/tests/import/refused/*.cpp)
[ ${#files[@]} -ge 10 ] || fail "only ${#files[@]} files in refused/"
for cxx in $(present g++ clang++); do
  for file in "${files[@]}"; do
    says=$(sed -n 's|^// says: ||p' "$file")
    [ -n "$says" ] || fail "$file has no line \"// says:\""
    flags="-std=c++20 -fsyntax-only -I$prefix/include -I$source/tests/import/refused"
    if $cxx $flags "$file" 2>"$work/said"; then fail "$cxx compiles $(basename "$file")"; fi
    grep -qF "$says" "$work/said" || { cat "$work/said" >&2; fail "$cxx: $(basename "$file") does not say: $says"; }
    # The same file without its mistake compiles, so that nothing else is what was refused. One compiler is enough.
    [ "$cxx" = clang++ ] || $cxx $flags -DRIGHT "$file" || fail "$(basename "$file") is wrong without its mistake"
    echo "ok: $cxx $(basename "$file")"
  done
done
