//! The README's snippets run as they stand there.

use std::path::Path;
use std::process::Command;

use moonlet_tests::Version;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's folder")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_readme_shows_the_examples_as_they_are() {
    let readme = read("README.md");
    assert!(readme.contains(&format!("```js\n{}```", read("examples/host.mjs"))), "examples/host.mjs");
    assert!(readme.contains(&format!("```rust\n{}```", read("examples/host.rs"))), "examples/host.rs");
}

/// Runs the snippet in a folder that has `dist/lua54.wasm`, as the reader's has.
#[test]
fn the_javascript_snippet_runs_in_node() {
    let folder = root().join("target/moonlet/readme");
    std::fs::create_dir_all(folder.join("dist")).expect("a folder");
    std::fs::copy(Version::Lua54.path(), folder.join("dist/lua54.wasm")).expect("the module");
    std::fs::write(folder.join("host.mjs"), read("examples/host.mjs")).expect("a file");
    let node = std::env::var_os("MOONLET_NODE").unwrap_or_else(|| "node".into());
    let output = Command::new(&node).arg("host.mjs").current_dir(&folder).output();
    let output = output.unwrap_or_else(|error| panic!("{node:?}: {error}; make test installs node"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello from Lua 5.4\n");
}

mod host {
    include!("../../examples/host.rs");

    pub fn run(source: &str) -> Result<String> {
        lua(&moonlet_tests::Version::Lua54.path(), source)
    }
}

#[test]
fn the_rust_snippet_runs() {
    assert_eq!(
        host::run("return 'Hello from ' .. _VERSION").expect("the snippet runs"),
        "Hello from Lua 5.4"
    );
    let error = host::run("error('no')").expect_err("an error is an error").to_string();
    assert!(error.starts_with("[string \"error('no')\"]:1: no\nstack traceback:"), "{error}");
}
