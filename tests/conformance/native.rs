//! The same suite in a native Lua from the same C files.

use std::fs;
use std::path::Path;
use std::process::Command;

use moonlet_tests::{Version, jobs};

use crate::suite::{Sections, sections};

/// Runs all.lua in `program` (tests/native); the assertions that ran.
pub fn assertions(version: Version, form: &str, program: &str) -> Sections {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/native");
    let name = format!("{program}-{}", version.name());
    // A copy: the suite makes files, and looks for some that must not be there.
    let folder = root.join(format!("{name}.folder"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for entry in fs::read_dir(jobs::suite_folder(version)).expect("the suite's folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let chunk = jobs::native_all_lua(form);
    let program = root.join(&name).canonicalize().expect("make conformance builds the native program");
    let output = Command::new(program).arg(chunk).current_dir(&folder).output().expect("a native Lua");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("final OK"),
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let marks = text.lines().filter_map(|line| line.strip_prefix("assertions before "));
    let counts = marks.map(|mark| {
        let (file, count) = mark.split_once(": ").expect("a file and a count");
        (file.to_string(), count.parse().expect("a number"))
    });
    sections(&[("all.lua".to_string(), 0)].into_iter().chain(counts).collect::<Vec<_>>())
}
