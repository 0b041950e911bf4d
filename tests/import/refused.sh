#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every file in refused/ has one mistake, and each compiler must say the words of its "// says:" line.
source "$(dirname "$0")/common.sh"
cp "$source"/tests/import/refused/* "$work"
cd "$work"
files=(*.cpp)
[ ${#files[@]} -ge 10 ] || fail "only ${#files[@]} files in refused/"
for cxx in $(present g++ clang++); do
  # The SDK's headers are read once for each compiler; g++ finds its .gch by itself.
  flags=(-std=c++20 "-I$prefix/include")
  if [ "$cxx" = clang++ ]; then
    $cxx "${flags[@]}" -x c++-header models.hpp -o models.pch
    flags+=(-include-pch models.pch)
  else
    $cxx "${flags[@]}" -x c++-header models.hpp -o models.hpp.gch
  fi
  for file in "${files[@]}"; do
    says=$(sed -n 's|^// says: ||p' "$file")
    [ -n "$says" ] || fail "$file has no line \"// says:\""
    if $cxx "${flags[@]}" -fsyntax-only "$file" 2>said; then fail "$cxx compiles $file"; fi
    grep -qF "$says" said || { cat said >&2; fail "$cxx: $file does not say: $says"; }
    # The same file without its mistake compiles, so that nothing else is what was refused.
    $cxx "${flags[@]}" -fsyntax-only -DRIGHT "$file" || fail "$cxx: $file is wrong without its mistake"
    echo "ok: $cxx $file"
  done
done
