#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `eddy plugin new`: each kind of project builds, passes its own tests, loads and runs, as its README says; and a newcomer's
# way from nothing to a dead letter that is looked at, with the time it took.
source "$(dirname "$0")/common.sh"
cd "$work"
umask 002  # as many desks have it; the host refuses files that a group may write to

# Ends with code $1 and says $2.
refused() {
  local code=$1 says=$2 ended=0
  shift 2
  "$eddy" plugin new "$@" 2>said || ended=$?
  [ "$ended" = "$code" ] || fail "plugin new $*: exit code $ended, expected $code"
  grep -qF -- "$says" said || { cat said >&2; fail "plugin new $* does not say: $says"; }
}
mkdir taken
refused 64 "taken is there already" taken
for name in "" . ../up a/b 1st _x with-dash "two words" "$(printf 'x%.0s' {1..64})"; do refused 64 "plugin name" -- "$name"; done
refused 64 "no target of every build" test
refused 64 "build" fine --build bazel
[ "$(ls)" = $'said\ntaken' ] || fail "a refusal left something behind: $(ls)"

run_project() {
  local name=$1
  [ "$(wc -l <README.md)" -le 25 ] || fail "README.md has more than 25 lines"
  ! grep -rn '@[A-Z]*@' . --include='*' --exclude-dir=build --exclude-dir=plugins.d || fail "a mark was left in $name"
  check_plugin "plugins.d/$name.so"
  sed -i 's/127.0.0.1:5001/127.0.0.1:0/' eddy.yaml
  "$eddy" check --offline -c eddy.yaml
  "$eddy" put "${name}_orders" sample.ndjson -c eddy.yaml
  timeout 120 "$eddy" run --until-idle -c eddy.yaml
  expect $'{"id":"a-1","cents":1250,"currency":"EUR"}\n{"id":"a-4","cents":200000,"currency":"CHF"}' \
    "$eddy" peek "${name}_checked" -c eddy.yaml
  "$eddy" peek "${name}_failed" -c eddy.yaml | jq -r '.original_record.id + " " + .error_type' >letters
  expect $'a-2 std::invalid_argument\na-3 ValidationError' cat letters
}

# The expected file is made, holds, and tells what differs.
run_golden() {
  local name=$1 ended=0
  local test=("$eddy" plugin test "plugins.d/$name.so" --function "${name}_check" --golden expected.ndjson)
  "${test[@]}" --input sample.ndjson --update-golden
  "${test[@]}" --input sample.ndjson
  sed 's/12.5/13/' sample.ndjson >changed.ndjson
  "${test[@]}" --input changed.ndjson >differences || ended=$?
  [ "$ended" = 1 ] || fail "a changed record ends in exit code $ended"
  grep -qF '  + {"record":1,"output":{"id":"a-1","cents":1300,' differences || fail "$(cat differences)"
}

# A host that runs, one order that fails in it, and its letter: what a newcomer sees on the first day.
run_newcomer() {
  local name=$1 line host letter
  mkfifo told failed
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  "$eddy" run -c eddy.yaml >told 2>&1 &
  host=$!
  exec 3<told
  while read -r -t 60 line <&3; do [[ $line == *"loaded version"* ]] && break; done
  [[ $line == *"loaded version"* ]] || fail "the host did not load the plugin: $line"
  echo '{"id":"b-1","amount":-7,"currency":"EUR"}' | "$eddy" put "${name}_orders" -c eddy.yaml
  "$eddy" peek "${name}_failed" --follow -c eddy.yaml >failed &
  letter=$!
  exec 4<failed
  while read -r -t 60 line <&4; do [[ $line == *'"b-1"'* ]] && break; done
  kill "$letter"
  [[ $line == *'"b-1"'* ]] || fail "the order that fails is no dead letter: $line"
  "$eddy" dlq show "$(jq -r .id <<<"$line")" -c eddy.yaml >shown
  for words in std::invalid_argument "the amount is negative" "${name}_check" '"id":"b-1"'; do
    grep -qF -- "$words" shown || { cat shown >&2; fail "dlq show does not say $words"; }
  done
  kill "$host"
  wait "$host" || fail "the host ended with $?"
}

"$eddy" plugin new by_cmake
(
  cd by_cmake
  cmake -B build -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build build && ctest --test-dir build --output-on-failure
  run_project by_cmake
  run_golden by_cmake
)
SECONDS=0
"$eddy" plugin new by_make --build make
(
  cd by_make
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
  make && make test
  run_project by_make
  run_newcomer by_make
)
echo "from eddy plugin new to a dead letter in eddy dlq show: $SECONDS s"
