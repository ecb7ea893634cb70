//! Lua's official test suites, unmodified, inside the modules, driven through the ABI alone.
//!
//! `make test` runs their short form. `make conformance` runs the long one, counts the assertions and compares with native
//! Lua. What does not apply stands in conformance/skips.toml.

#[path = "conformance/counted.rs"]
mod counted;
#[path = "conformance/native.rs"]
mod native;
#[path = "conformance/skips.rs"]
mod skips;
#[path = "conformance/suite.rs"]
mod suite;

use moonlet_tests::Version;

use suite::{Build, Suite};

/// The parts that `_port` leaves out and that apply here: these files run once more, with `_port` true at skipped lines only.
const BEYOND_PORT: [&str; 5] = ["attrib.lua", "files.lua", "gc.lua", "math.lua", "strings.lua"];

fn short_form(version: Version, build: Build) {
    let mut suite = Suite::new(version, build);
    suite.all("_U = true");
    for file in BEYOND_PORT {
        Suite::new(version, build).beyond_port(file);
    }
}

#[test]
fn the_user_tests_pass_in_lua54() {
    short_form(Version::Lua54, Build::Shipped);
}

#[test]
fn the_user_tests_pass_in_lua55() {
    short_form(Version::Lua55, Build::Shipped);
}

#[test]
fn every_skip_names_a_line_that_is_there() {
    for version in Version::ALL {
        for entry in skips::entries() {
            let text = suite::file(version, &entry.file);
            let lines = text.split(|&byte| byte == b'\n').count();
            if let Some(first) = entry.first_line(version) {
                assert!(first <= lines, "{entry}");
            }
            assert!(!entry.reason.is_empty(), "{entry}");
        }
    }
}

/// Assertions of the long form, in the shipped module and in a native build.
fn long_form(version: Version) -> String {
    Suite::new(version, Build::Shipped).all("_port = true");
    let (files, here) = Suite::new(version, Build::Counted).all_counted("_port = true");
    let native = native::assertions(version, &format!("{} _port = true", suite::SAME_SEED), "testes");
    let mut beyond = 0;
    for file in BEYOND_PORT {
        beyond += Suite::new(version, Build::Counted).beyond_port(file);
    }
    assert!(here > 500_000, "{here} assertions are too few");
    assert!(here.abs_diff(native) * 100 < native, "{here} assertions, but {native} natively");
    format!(
        "{version:?}: {files} files, {here} assertions here and {native} native at the same seed, final OK\n\
         {version:?}: {beyond} assertions in a second run, without _port, of {}",
        BEYOND_PORT.join(", ")
    )
}

#[test]
#[ignore = "takes a minute: make conformance"]
fn long_form_and_native() {
    let mut lines = Vec::new();
    for version in Version::ALL {
        lines.push(long_form(version));
    }
    for entry in skips::entries() {
        lines.push(entry.to_string());
    }
    println!("{}", lines.join("\n"));
}
