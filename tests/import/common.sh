# SPDX-License-Identifier: Apache-2.0
# Sourced by the import tests: arguments, and what every built plugin must look like.
set -euo pipefail
prefix=$1 source=$2 work=$3 eddy=$4
rm -rf "$work" && mkdir -p "$work"

fail() { echo "FAILED: $*" >&2; exit 1; }

# The names of $@ that are installed; at least one must be.
present() {
  local found=() name
  for name in "$@"; do command -v "$name" >/dev/null && found+=("$name"); done
  [ ${#found[@]} -gt 0 ] || fail "none of $* is installed"
  echo "${found[@]}"
}

# The output of $2..., which must be the text $1.
expect() {
  local wanted=$1 found
  shift
  found=$("$@") || fail "$* ended with $?: $found"
  [ "$found" = "$wanted" ] || fail "$*: expected \"$wanted\", found \"$found\""
}

# One export, the note, no symbol that two versions would share, nothing to relocate in the text, no lazy binding.
check_plugin() {
  local file=$1 exports
  exports=$(readelf --dyn-syms --wide "$file" | awk '$1 ~ /^[0-9]+:$/ && $NF != "" {print}' |
    awk '$5 ~ /GLOBAL|WEAK|UNIQUE/ && $7 != "UND" {print $8}')
  [ "$exports" = eddy_plugin_main_v1 ] || fail "$file exports: $exports"
  ! readelf --dyn-syms --wide "$file" | grep -q UNIQUE || fail "$file has GNU_UNIQUE symbols"
  readelf --notes "$file" 2>/dev/null | grep -q '^ *Eddy' || fail "$file has no Eddy note"
  ! readelf --dynamic "$file" | grep -q TEXTREL || fail "$file has text relocations"
  readelf --dynamic "$file" | grep -q BIND_NOW || fail "$file is bound lazily"
  ! readelf --segments --wide "$file" | grep GNU_STACK | grep -q 'RWE' || fail "$file has an executable stack"
  echo "ok: $file"
}

# A plugin of plugins/*_minimal does what its fellows in the other languages do, and keeps the rules.
check_minimal() {
  "$eddy" plugin test "$1" --function fahrenheit --input "$source/plugins/same/input.ndjson" --golden "$source/plugins/same" ||
    fail "$1 does something else than plugins/same says"
  "$eddy" plugin conform "$1" >"$work/conform" || { cat "$work/conform" >&2; fail "$1 does not keep the rules"; }
}
