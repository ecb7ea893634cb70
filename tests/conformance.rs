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

use moonlet_tests::{Version, jobs};

use suite::{Build, Sections, Suite};

/// The parts that `_port` leaves out and that apply here: these files run once more, with `_port` true at skipped lines only.
const BEYOND_PORT: [&str; 5] = ["attrib.lua", "files.lua", "gc.lua", "math.lua", "strings.lua"];

/// Files whose loops depend on the sizes of pointers and on addresses.
const BY_SIZE: [&str; 3] = ["nextvar.lua", "api.lua", "memerr.lua"];

const LONG: &str = "_port = true";

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
            let text = jobs::suite_file(version, &entry.file);
            let lines = text.split(|&byte| byte == b'\n').count();
            if let Some(first) = entry.first_line(version) {
                assert!(first <= lines, "{entry}");
            }
            assert!(!entry.reason.is_empty(), "{entry}");
        }
    }
}

/// Runs all.lua with one seed here and natively; what to print.
fn compare(version: Version, build: Build, program: &str) -> String {
    let (files, here) = Suite::new(version, build).all_counted(LONG);
    let native =
        native::assertions(version, &format!("{} {} {LONG}", suite::SAME_SEED, suite::MARKS), program);
    let total = |sections: &Sections| sections.iter().map(|(_, count)| count).sum::<u64>();
    let (sum, native_sum) = (total(&here), total(&native));
    assert!(sum > 500_000, "{sum} assertions are too few");
    let names = |sections: &Sections| sections.iter().map(|(file, _)| file.clone()).collect::<Vec<_>>();
    assert_eq!(names(&here), names(&native), "{version:?}: the files that ran");
    let mut differences = Vec::new();
    for ((file, count), (_, native)) in here.iter().zip(&native) {
        let allowed = BY_SIZE.contains(&file.as_str()) && count.abs_diff(*native) < 100;
        assert!(
            count == native || allowed,
            "{version:?} {build:?} {file}: {count} assertions, but {native} natively"
        );
        if count != native {
            differences.push(format!("{file} {count}/{native}"));
        }
    }
    let differences = differences.join(", ");
    format!(
        "{files} files, {sum} assertions here and {native_sum} native at the same seed (by sizes: {differences}), final OK"
    )
}

fn long_form(version: Version, report: &mut Vec<String>) {
    Suite::new(version, Build::Shipped).all(LONG);
    report.push(format!("{version:?}: {}", compare(version, Build::Counted, "testes")));
    let mut beyond = 0;
    for file in BEYOND_PORT {
        beyond += Suite::new(version, Build::Counted).beyond_port(file);
    }
    let files = BEYOND_PORT.join(", ");
    report.push(format!("{version:?} without _port: {beyond} assertions in {files}, OK"));
    let internal = compare(version, Build::Internal, "testes-internal");
    report.push(format!("{version:?} with the internal tests (T): {internal}"));
}

#[test]
#[ignore = "takes minutes: make conformance"]
fn long_form_and_native() {
    let mut report = Vec::new();
    for version in Version::ALL {
        long_form(version, &mut report);
    }
    report.extend(skips::entries().iter().map(ToString::to_string));
    println!("{}", report.join("\n"));
}
