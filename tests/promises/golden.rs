//! Golden scripts: what a script prints and returns stays as it is.
//!
//! Drop a file into tests/scripts and run `BLESS=1 cargo xtask test golden`: tests/golden then holds what it printed and returned, in
//! one file where both versions of Lua agree, else in one for each. Read the difference before committing it.

use std::fs;
use std::path::{Path, PathBuf};

use moonlet_tests::{Lua, Version};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Output, then the result or the error, and its status.
fn transcript(version: Version, path: &Path) -> String {
    let mut lua = Lua::new(version);
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    lua.write_file(&name, &fs::read(path).expect("a readable script"));
    let run = lua.run(format!("return dofile('{name}')"));
    lua.assert_usable();
    format!("{}-- status {}\n{}\n", run.output_text(), run.status(), run.text())
}

fn scripts() -> Vec<PathBuf> {
    let mut scripts: Vec<PathBuf> = fs::read_dir(folder("scripts"))
        .expect("tests/scripts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "lua"))
        .collect();
    scripts.sort();
    scripts
}

/// Where the transcript of a script stands: the file of both versions, or of one.
fn golden(script: &Path, version: Option<Version>) -> PathBuf {
    let stem = script.file_stem().expect("a name").to_string_lossy().into_owned();
    let version = version.map_or(String::new(), |version| format!(".{}", version.name()));
    folder("golden").join(format!("{stem}{version}.txt"))
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
    let scripts = scripts();
    assert!(scripts.len() >= 10, "tests/scripts holds the scripts");
    for script in scripts {
        if std::env::var_os("BLESS").is_some() {
            bless(&script);
        }
        for version in Version::ALL {
            let own = golden(&script, Some(version));
            let path = if own.exists() { own } else { golden(&script, None) };
            let expected = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}; make it with BLESS=1", path.display()));
            let found = transcript(version, &script);
            assert!(found == expected, "{} on {version:?} gave:\n{found}", script.display());
        }
    }
}

#[test]
fn every_golden_file_has_its_script() {
    let scripts: Vec<String> = scripts()
        .iter()
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    for entry in fs::read_dir(folder("golden")).expect("tests/golden") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default();
        let known = scripts.iter().any(|script| script == stem) || ["exports", "lua-src"].contains(&stem);
        assert!(known, "tests/golden/{name} belongs to no script");
    }
}

#[test]
fn the_tour_prints_what_its_file_says() {
    let examples = folder("../examples");
    let expected = fs::read_to_string(examples.join("tour.txt")).expect("examples/tour.txt");
    for version in Version::ALL {
        let found = transcript(version, &examples.join("tour.lua"));
        let found = found.replace("-- status 0\n", "").replace("Lua 5.5 in", "Lua 5.4 in");
        assert_eq!(found, expected, "{version:?}");
    }
}
