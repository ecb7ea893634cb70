//! Golden scripts: what a script prints and returns stays as it is.
//!
//! Drop a file into tests/scripts and run `BLESS=1 cargo xtask test golden`: tests/golden then holds what it printed and returned, in
//! one file where both versions of Lua agree, else in one for each. Read the difference before committing it.

use std::fs;
use std::path::{Path, PathBuf};

use moonlet_tests::jobs::{self, Job, golden};
use moonlet_tests::{Lua, Version};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn transcript(version: Version, path: &Path) -> String {
    let job = Job::script(path);
    let mut lua = Lua::new(version);
    lua.prepare(&job);
    let run = lua.run(&job.chunk);
    lua.assert_usable();
    jobs::transcript(&run)
}

fn bless(script: &Path) {
    let [lua54, lua55] = Version::ALL.map(|version| transcript(version, script));
    let both = golden(script, None);
    let each = Version::ALL.map(|version| golden(script, Some(version)));
    for path in each.iter().chain([&both]) {
        let _ = fs::remove_file(path);
    }
    if lua54 == lua55 {
        fs::write(both, lua54).expect("a writable file");
    } else {
        fs::write(&each[0], lua54).expect("a writable file");
        fs::write(&each[1], lua55).expect("a writable file");
    }
}

#[test]
fn scripts_print_what_they_printed() {
    let scripts = jobs::scripts();
    assert!(scripts.len() >= 10, "tests/scripts holds the scripts");
    for script in scripts {
        if std::env::var_os("BLESS").is_some() {
            bless(&script);
        }
        for version in Version::ALL {
            let expected = jobs::expected(&script, version);
            let found = transcript(version, &script);
            assert!(found == expected, "{} on {version:?} gave:\n{found}", script.display());
        }
    }
}

#[test]
fn every_golden_file_has_its_script() {
    let scripts: Vec<String> = jobs::scripts()
        .iter()
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    for entry in fs::read_dir(folder("golden")).expect("tests/golden") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default();
        let known = scripts.iter().any(|script| script == stem)
            || ["exports", "lua-src", "sizes", "steady"].contains(&stem);
        assert!(known, "tests/golden/{name} belongs to no script");
    }
}

#[test]
fn the_tour_prints_what_its_file_says() {
    let examples = folder("../docs/examples");
    let expected = fs::read_to_string(examples.join("tour.txt")).expect("docs/examples/tour.txt");
    for version in Version::ALL {
        let found = transcript(version, &examples.join("tour.lua"));
        let found = found.replace("-- status 0\n", "").replace("Lua 5.5 in", "Lua 5.4 in");
        assert_eq!(found, expected, "{version:?}");
    }
}
