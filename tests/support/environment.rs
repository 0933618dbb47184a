//! Counts the calls of `getenv(3)` in this process: it stands before the C library's, for every Rust code in it.

use std::ffi::c_char;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Not `getenv` by another name.
#[cfg(not(target_env = "musl"))]
unsafe fn found(name: *const c_char) -> *mut c_char {
    unsafe extern "C" {
        fn secure_getenv(name: *const c_char) -> *mut c_char;
    }
    // SAFETY: the caller's promise. No test has more rights than its starter.
    unsafe { secure_getenv(name) }
}

/// musl's `secure_getenv` calls `getenv`.
#[cfg(target_env = "musl")]
unsafe fn found(name: *const c_char) -> *mut c_char {
    unsafe extern "C" {
        static environ: *const *mut c_char;
    }
    // SAFETY: the caller's promise, and the form of the environment: `NAME=value`, with a null pointer at its end.
    unsafe {
        let name = std::ffi::CStr::from_ptr(name).to_bytes();
        let mut entry = environ;
        while !(*entry).is_null() {
            let text = std::ffi::CStr::from_ptr(*entry).to_bytes();
            if text.strip_prefix(name).is_some_and(|rest| rest.first() == Some(&b'=')) {
                return (*entry).add(name.len() + 1);
            }
            entry = entry.add(1);
        }
    }
    std::ptr::null_mut()
}

static BY_MAIN: AtomicUsize = AtomicUsize::new(0);
static BY_OTHERS: AtomicUsize = AtomicUsize::new(0);

/// # Safety
/// As that of the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getenv(name: *const c_char) -> *mut c_char {
    let is_main = rustix::thread::gettid() == rustix::process::getpid();
    if is_main { &BY_MAIN } else { &BY_OTHERS }.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller's promise.
    unsafe { found(name) }
}

/// How often the main thread and all other threads have called it.
pub fn calls() -> (usize, usize) {
    (BY_MAIN.load(Ordering::Relaxed), BY_OTHERS.load(Ordering::Relaxed))
}
