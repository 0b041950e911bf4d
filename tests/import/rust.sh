#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin in Rust, built by cargo alone, in a host: outputs, dead letters of returned errors and of panics.
source "$(dirname "$0")/common.sh"
cp -r "$source/plugins/rust_minimal" "$work/project"
(cd "$work/project" && cargo build --offline --release --locked --target-dir "$work/target")
mkdir "$work/plugins.d"
install -m 755 "$work/target/release/librust_minimal.so" "$work/plugins.d/rust_minimal.so"
check_plugin "$work/plugins.d/rust_minimal.so"

cd "$work"
cat >eddy.yaml <<'END'
data_dir: ./data
plugins: { dir: ./plugins.d }
ingest: { listen: false }
admin: { listen: "127.0.0.1:0" }
END
printf 'oslo 21.5\nrome\nparis warm\n \nrome 30\n' | "$eddy" put celsius -c eddy.yaml
timeout 120 "$eddy" run --until-idle -c eddy.yaml
expect $'OSLO 70.7\nROME 86.0' "$eddy" peek fahrenheit -c eddy.yaml
"$eddy" peek eddy_dead_letters -c eddy.yaml |
  jq -r '.original_record + ": " + .error_type + ": " + .error_message' >letters
expect $'rome: panic: index out of bounds: the len is 1 but the index is 1\nparis warm: ParseFloatError: warm: invalid float literal' \
  cat letters
