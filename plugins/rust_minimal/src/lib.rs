// SPDX-License-Identifier: Apache-2.0
//! A plugin in Rust on the ABI alone, with no crate but std: the transform `fahrenheit` reads lines such as "oslo 21.5" from
//! the stream `celsius` and writes "OSLO 70.7" to the stream `fahrenheit`. A blank line is filtered. What it refuses is an
//! error that is returned, what it takes for impossible a panic; either is a dead letter in the queue `celsius_failed`.

mod abi;
mod boundary;

use abi::{Call, FunctionDecl, Host, Input, Plugin, QueueDecl, Registrar, Registry, Str, StreamDecl};
use boundary::Failure;
use std::os::raw::c_void;

#[used]
#[link_section = ".note.eddy"]
static ABI_NOTE: abi::AbiNote = abi::abi_note();
#[used]
#[link_section = ".note.eddy"]
static INFO_NOTE: abi::InfoNote = abi::info_note(b"rust_minimal", b"1.0.0");

/// Digits, with a sign and a point if need be.
fn number_of(word: &[u8]) -> Option<f64> {
    if word.len() >= 64 || !word.iter().all(|c| b"-.0123456789".contains(c)) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn convert(value: Option<&[u8]>) -> Result<Option<Vec<u8>>, Failure> {
    let line = value.ok_or(Failure { error_type: "NoValue", message: "the record has no value (a tombstone)" })?;
    let mut words = line.split(|c| b" \t\r\n".contains(c)).filter(|word| !word.is_empty());
    let place = match words.next() {
        Some(word) => word,
        None => return Ok(None),
    };
    let word = words.next().ok_or(Failure { error_type: "NoNumber", message: "a place without a temperature" })?;
    let celsius =
        number_of(word).ok_or(Failure { error_type: "NotANumber", message: "the second word is not a number" })?;
    assert!(celsius >= -273.15, "colder than cold");
    let mut output = place.to_ascii_uppercase();
    output.extend_from_slice(format!(" {:.1}", celsius * 1.8 + 32.0).as_bytes());
    Ok(Some(output))
}

unsafe extern "C" fn fahrenheit(_: *mut c_void, _: *mut c_void, input: *const Input, call: *mut Call) -> u32 {
    boundary::process(input, call, convert)
}

fn stream(name: &'static str, dead_letter_queue: Str) -> StreamDecl {
    StreamDecl {
        struct_size: std::mem::size_of::<StreamDecl>() as u32,
        partitions: 0,
        retention_days: 0,
        reserved: 0,
        name: Str::new(name.as_bytes()),
        model: std::ptr::null(),
        dead_letter_queue,
        destination: Str::NULL,
    }
}

unsafe extern "C" fn describe(registrar: *const Registrar, registry: *mut Registry) -> u32 {
    let failed = Str::new(b"celsius_failed");
    let queue = QueueDecl {
        struct_size: std::mem::size_of::<QueueDecl>() as u32,
        retention_days: 0,
        name: failed,
        model: std::ptr::null(),
    };
    if ((*registrar).queue)(registry, &queue) != abi::OK
        || ((*registrar).stream)(registry, &stream("celsius", failed)) != abi::OK
        || ((*registrar).stream)(registry, &stream("fahrenheit", Str::NULL)) != abi::OK
    {
        return abi::FAILED;
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
