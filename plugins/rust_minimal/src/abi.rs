// SPDX-License-Identifier: Apache-2.0
//! The part of `eddy/abi.h` that this plugin uses, written by hand: names and order are the header's, which says what
//! everything means. A struct that may grow is declared as ABI 1.0 has it, and its size tells the host so.
#![allow(dead_code)]

use std::os::raw::{c_char, c_void};

pub const ABI_MAJOR: u16 = 1;
pub const MINOR_REQUIRED: u16 = 0;

pub const OK: u32 = 0;
pub const FILTERED: u32 = 1;
pub const FAILED: u32 = 2;
pub const FAIL_PLAIN: u32 = 0;
pub const FUNCTION_TRANSFORM: u32 = 1;
pub const INPUT_RECORD: u32 = 1;

/// Borrowed bytes; `data` null is null, which is not empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const c_char,
    pub size: u64,
}

impl Str {
    pub const NULL: Str = Str { data: std::ptr::null(), size: 0 };

    pub const fn new(text: &[u8]) -> Str {
        Str { data: text.as_ptr() as *const c_char, size: text.len() as u64 }
    }

    /// # Safety
    /// The bytes must live as long as the slice is used.
    pub unsafe fn bytes<'a>(self) -> Option<&'a [u8]> {
        if self.data.is_null() {
            return None;
        }
        Some(std::slice::from_raw_parts(self.data as *const u8, self.size as usize))
    }
}

#[repr(C)]
pub struct Call {
    opaque: [u8; 0],
}

#[repr(C)]
pub struct Registry {
    opaque: [u8; 0],
}

#[repr(C)]
pub struct Record {
    pub struct_size: u32,
    pub partition: u32,
    pub offset: i64,
    pub timestamp_us: i64,
    pub stream: Str,
    pub key: Str,
    pub value: Str,
    pub headers: *const c_void,
    pub header_count: u64,
}

#[repr(C)]
pub struct Input {
    pub struct_size: u32,
    pub field_count: u32,
    pub record: *const Record,
    pub row: *const c_void,
    pub dead_letter: *const c_void,
}

#[repr(C)]
pub struct Output {
    pub struct_size: u32,
    pub flags: u32,
    pub stream: Str,
    pub key: Str,
    pub value: Str,
    pub model: *const c_void,
    pub row: *const c_void,
    pub headers: *const c_void,
    pub header_count: u64,
    pub timestamp_us: i64,
    pub partition: u32,
    pub reserved: u32,
}

/// As far as this plugin calls it; what follows `fail` is not declared here.
#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub emit: unsafe extern "C" fn(call: *mut Call, output: *const Output) -> u32,
    pub fail: unsafe extern "C" fn(call: *mut Call, kind: u32, error_type: Str, message: Str),
}

#[repr(C)]
pub struct StreamDecl {
    pub struct_size: u32,
    pub partitions: u32,
    pub retention_days: u32,
    pub reserved: u32,
    pub name: Str,
    pub model: *const c_void,
    pub dead_letter_queue: Str,
    pub destination: Str,
}

#[repr(C)]
pub struct QueueDecl {
    pub struct_size: u32,
    pub retention_days: u32,
    pub name: Str,
    pub model: *const c_void,
}

pub type Process = unsafe extern "C" fn(
    user: *mut c_void,
    instance: *mut c_void,
    input: *const Input,
    call: *mut Call,
) -> u32;

#[repr(C)]
pub struct FunctionDecl {
    pub struct_size: u32,
    pub kind: u32,
    pub input: u32,
    pub concurrency: u32,
    pub name: Str,
    pub source: Str,
    pub destination: Str,
    pub dead_letter_queue: Str,
    pub input_model: *const c_void,
    pub output_model: *const c_void,
    pub user: *mut c_void,
    pub create: Option<unsafe extern "C" fn(*mut c_void, *mut Call, Str, *mut *mut c_void) -> u32>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
    pub process: Option<Process>,
}

#[repr(C)]
pub struct Registrar {
    pub struct_size: u32,
    pub reserved: u32,
    pub stream: unsafe extern "C" fn(*mut Registry, *const StreamDecl) -> u32,
    pub queue: unsafe extern "C" fn(*mut Registry, *const QueueDecl) -> u32,
    pub table: unsafe extern "C" fn(*mut Registry, *const c_void) -> u32,
    pub ingest_api: unsafe extern "C" fn(*mut Registry, *const c_void) -> u32,
    pub function: unsafe extern "C" fn(*mut Registry, *const FunctionDecl) -> u32,
    pub fail: unsafe extern "C" fn(*mut Registry, Str, Str),
}

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor_required: u16,
    pub describe: unsafe extern "C" fn(*const Registrar, *mut Registry) -> u32,
    pub extension: Option<unsafe extern "C" fn(*const c_char) -> *const c_void>,
}

/// The note that the host reads before any code of the plugin runs.
#[repr(C, align(4))]
pub struct AbiNote {
    pub name_size: u32,
    pub desc_size: u32,
    pub kind: u32,
    pub name: [u8; 8],
    pub abi_major: u16,
    pub abi_minor_required: u16,
    pub flags: u32,
    pub sdk_version: [u8; 16],
}

#[repr(C, align(4))]
pub struct InfoNote {
    pub name_size: u32,
    pub desc_size: u32,
    pub kind: u32,
    pub name: [u8; 8],
    pub plugin_name: [u8; 64],
    pub plugin_version: [u8; 32],
}

/// `text`, padded with NUL.
pub const fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    let mut i = 0;
    while i < text.len() {
        bytes[i] = text[i];
        i += 1;
    }
    bytes
}

pub const fn abi_note() -> AbiNote {
    AbiNote {
        name_size: 5,
        desc_size: 24,
        kind: 1,
        name: padded(b"Eddy"),
        abi_major: ABI_MAJOR,
        abi_minor_required: MINOR_REQUIRED,
        flags: 0,
        sdk_version: padded(b"rust"),
    }
}

pub const fn info_note(plugin: &[u8], version: &[u8]) -> InfoNote {
    InfoNote {
        name_size: 5,
        desc_size: 96,
        kind: 2,
        name: padded(b"Eddy"),
        plugin_name: padded(plugin),
        plugin_version: padded(version),
    }
}
