//! A sequence of calls of the exports, against the model: the first byte chooses the version, eight more each call.

#![no_main]

use moonlet_tests::{Version, sequences};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((version, calls)) = bytes.split_first() else { return };
    let version = Version::ALL[usize::from(*version) % 2];
    sequences::check(version, calls).unwrap_or_else(|problem| panic!("{problem}"));
});
