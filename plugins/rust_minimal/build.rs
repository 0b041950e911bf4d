// SPDX-License-Identifier: Apache-2.0
// The linker's part of the host's rules: every symbol bound at load, no executable stack, no symbol left undefined. What is
// exported is rustc's own version script: the one #[no_mangle] function, for a cdylib.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for flag in ["-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,-z,defs"] {
        println!("cargo:rustc-cdylib-link-arg={}", flag);
    }
}
