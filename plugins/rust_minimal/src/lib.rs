// SPDX-License-Identifier: Apache-2.0
//! A plugin in Rust on the ABI alone, with no crate but std: the transform `fahrenheit` reads lines such as "oslo 21.5" from
//! the stream `celsius` and writes "OSLO 70.7" to the stream `fahrenheit`. A blank line is filtered. A number that cannot be
//! read is an error that is returned; a line without one is a panic. Either becomes a dead letter.

mod abi;
mod boundary;

use abi::{Call, FunctionDecl, Host, Input, Plugin, Registrar, Registry, Str, StreamDecl};
use boundary::Failure;
use std::os::raw::c_void;

#[used]
#[link_section = ".note.eddy"]
static ABI_NOTE: abi::AbiNote = abi::abi_note();
#[used]
#[link_section = ".note.eddy"]
static INFO_NOTE: abi::InfoNote = abi::info_note(b"rust_minimal", b"1.0.0");

fn convert(value: Option<&[u8]>) -> Result<Option<String>, Failure> {
    let bytes = value.ok_or_else(|| failure("NoValue", "the record has no value (a tombstone)".into()))?;
    let text = std::str::from_utf8(bytes).map_err(|error| failure("Utf8Error", error.to_string()))?;
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return Ok(None);
    }
    let celsius: f64 = words[1]
        .parse()
        .map_err(|error| failure("ParseFloatError", format!("{}: {}", words[1], error)))?;
    Ok(Some(format!("{} {:.1}", words[0].to_uppercase(), celsius * 1.8 + 32.0)))
}

fn failure(error_type: &'static str, message: String) -> Failure {
    Failure { error_type, message }
}

unsafe extern "C" fn fahrenheit(_: *mut c_void, _: *mut c_void, input: *const Input, call: *mut Call) -> u32 {
    boundary::process(input, call, convert)
}

fn stream(name: &'static str) -> StreamDecl {
    StreamDecl {
        struct_size: std::mem::size_of::<StreamDecl>() as u32,
        partitions: 0,
        retention_days: 0,
        reserved: 0,
        name: Str::new(name.as_bytes()),
        model: std::ptr::null(),
        dead_letter_queue: Str::NULL,
        destination: Str::NULL,
    }
}

unsafe extern "C" fn describe(registrar: *const Registrar, registry: *mut Registry) -> u32 {
    for name in ["celsius", "fahrenheit"] {
        if ((*registrar).stream)(registry, &stream(name)) != abi::OK {
            return abi::FAILED;
        }
    }
    let function = FunctionDecl {
        struct_size: std::mem::size_of::<FunctionDecl>() as u32,
        kind: abi::FUNCTION_TRANSFORM,
        input: abi::INPUT_RECORD,
        concurrency: 0,
        name: Str::new(b"fahrenheit"),
        source: Str::new(b"celsius"),
        destination: Str::new(b"fahrenheit"),
        dead_letter_queue: Str::NULL,
        input_model: std::ptr::null(),
        output_model: std::ptr::null(),
        user: std::ptr::null_mut(),
        create: None,
        destroy: None,
        process: Some(fahrenheit),
    };
    ((*registrar).function)(registry, &function)
}

static PLUGIN: Plugin = Plugin {
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_major: abi::ABI_MAJOR,
    abi_minor_required: abi::MINOR_REQUIRED,
    describe,
    extension: None,
};

/// The one exported symbol.
///
/// # Safety
/// Called by the host, with its table.
#[no_mangle]
pub unsafe extern "C" fn eddy_plugin_main_v1(host: *const Host) -> *const Plugin {
    if boundary::set_host(host) {
        &PLUGIN
    } else {
        std::ptr::null()
    }
}
