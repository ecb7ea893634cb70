//! `strtod` of libc-shim and of glibc: the bytes are the text.

#![no_main]

#[path = "../../../libc-shim/tests/cases/random.rs"]
mod random;
#[path = "../../../libc-shim/tests/cases/strtod.rs"]
mod strtod;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| strtod::check(bytes));
