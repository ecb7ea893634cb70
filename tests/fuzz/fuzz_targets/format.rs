//! `snprintf` of libc-shim and of glibc: the bytes choose the conversion, its flags and the value.

#![no_main]

#[path = "../../../libc-shim/tests/cases/printf.rs"]
mod printf;
#[path = "../../../libc-shim/tests/cases/random.rs"]
mod random;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    printf::random_printf(&mut random::Random::from_bytes(bytes));
});
