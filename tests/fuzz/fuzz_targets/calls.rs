//! Calls of a script's functions inside the instance: the first byte chooses the version, eight what the host does, sixteen more
//! each call.

#![no_main]

use moonlet_tests::{Version, calls};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((version, bytes)) = bytes.split_first() else { return };
    let version = Version::ALL[usize::from(*version) % 2];
    calls::check(version, bytes, false).unwrap_or_else(|problem| panic!("{problem}"));
});
