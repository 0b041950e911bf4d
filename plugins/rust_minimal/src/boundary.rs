// SPDX-License-Identifier: Apache-2.0
//! The way between Rust and the host: no panic crosses it, and what failed has a type and a message.

use crate::abi::{self, Call, Host, Input, Output, Str};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicPtr, Ordering};

static HOST: AtomicPtr<Host> = AtomicPtr::new(std::ptr::null_mut());

/// Why a record fails: what its dead letter says.
pub struct Failure {
    pub error_type: &'static str,
    pub message: &'static str,
}

/// Keeps the host's table, which is valid until the process ends; false refuses a host that lacks what is called here.
///
/// # Safety
/// `host` is null or the host's.
pub unsafe fn set_host(host: *const Host) -> bool {
    if host.is_null()
        || (*host).abi_major != abi::ABI_MAJOR
        || ((*host).struct_size as usize) < std::mem::size_of::<Host>()
    {
        return false;
    }
    HOST.store(host as *mut Host, Ordering::Release);
    // What a panic says goes into its dead letter, not to standard error.
    std::panic::set_hook(Box::new(|_| {}));
    true
}

fn host() -> &'static Host {
    unsafe { &*HOST.load(Ordering::Acquire) }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return text.to_string();
    }
    match panic.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => "a panic without a text".to_string(),
    }
}

fn fail(call: *mut Call, error_type: &str, message: &str) -> u32 {
    let error_type = Str::new(error_type.as_bytes());
    let message = Str::new(message.as_bytes());
    unsafe { (host().fail)(call, abi::FAIL_PLAIN, error_type, message) };
    abi::FAILED
}

fn emit(call: *mut Call, value: &[u8]) -> u32 {
    let output = Output {
        struct_size: std::mem::size_of::<Output>() as u32,
        flags: 0,
        stream: Str::NULL,
        key: Str::NULL,
        value: Str::new(value),
        model: std::ptr::null(),
        row: std::ptr::null(),
        headers: std::ptr::null(),
        header_count: 0,
        timestamp_us: 0,
        partition: 0,
        reserved: 0,
    };
    unsafe { (host().emit)(call, &output) }
}

/// Runs `body` on the record's value (None: a tombstone) and gives the host what came of it: an output, nothing, a failure
/// that was returned, or a panic.
///
/// # Safety
/// `input` and `call` are those of a process() that runs.
pub unsafe fn process<F>(input: *const Input, call: *mut Call, body: F) -> u32
where
    F: FnOnce(Option<&[u8]>) -> Result<Option<Vec<u8>>, Failure>,
{
    let value = (*(*input).record).value.bytes();
    match catch_unwind(AssertUnwindSafe(|| body(value))) {
        Ok(Ok(Some(output))) => emit(call, &output),
        Ok(Ok(None)) => abi::FILTERED,
        Ok(Err(failure)) => fail(call, failure.error_type, failure.message),
        Err(panic) => fail(call, "panic", &panic_text(&*panic)),
    }
}
