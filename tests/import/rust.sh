#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A plugin in Rust, built by cargo alone: it looks like any other, and does what its fellows in C and C++ do.
source "$(dirname "$0")/common.sh"
cp -r "$source/plugins/rust_minimal" "$work/project"
(cd "$work/project" && cargo build --offline --release --locked --target-dir "$work/target")
check_plugin "$work/target/release/librust_minimal.so"
check_minimal "$work/target/release/librust_minimal.so"
