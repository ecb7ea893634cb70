//! The snippets of the README and of docs/ run as they stand there.

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
    assert!(
        readme.contains(&format!("```js\n{}```", read("docs/examples/host.mjs"))),
        "docs/examples/host.mjs"
    );
    assert!(
        readme.contains(&format!("```rust\n{}```", read("docs/examples/host.rs"))),
        "docs/examples/host.rs"
    );
}

#[test]
fn the_documents_show_the_examples_as_they_are() {
    let (calls, budgets) = (read("docs/using-host-calls.md"), read("docs/using-budgets.md"));
    assert!(calls.contains(&format!("```js\n{}```", read("docs/examples/host-calls.mjs"))));
    assert!(budgets.contains(&format!("```rust\n{}```", read("docs/examples/budgets.rs"))));
}

/// Each package's first program, which its own tests run.
#[test]
fn the_readme_shows_the_packages_as_they_do() {
    let readme = read("README.md");
    for (package, fence) in [("js", "```js\n"), ("python", "```python\n"), ("rust", "```rust\n")] {
        let page = read(&format!("hosts/{package}/README.md"));
        let (_, rest) = page.split_once(fence).expect("a program");
        let (program, _) = rest.split_once("```").expect("a program that ends");
        assert!(readme.contains(&format!("{fence}{program}```")), "hosts/{package}");
    }
}

/// What a snippet prints in a folder that has `dist/lua54.wasm`, as the reader's has.
fn printed(snippet: &str) -> String {
    let folder = root().join("target/moonlet/readme").join(snippet);
    std::fs::create_dir_all(folder.join("dist")).expect("a folder");
    std::fs::copy(Version::Lua54.path(), folder.join("dist/lua54.wasm")).expect("the module");
    std::fs::write(folder.join(snippet).with_extension("mjs"), read(&format!("docs/examples/{snippet}.mjs")))
        .expect("a file");
    let node = std::env::var_os("MOONLET_NODE").unwrap_or_else(|| "node".into());
    let output = Command::new(&node).arg(format!("{snippet}.mjs")).current_dir(&folder).output();
    let output = output.unwrap_or_else(|error| panic!("{node:?}: {error}; make test installs node"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_javascript_snippets_run_in_node() {
    assert_eq!(printed("host"), "Hello from Lua 5.4\n");
    assert_eq!(printed("host-calls"), "<a><b>\n<c>\n");
}

mod budgets {
    include!("../../docs/examples/budgets.rs");

    pub fn run(source: &str, fuel: f64) -> Result<(i32, String, f64)> {
        budgeted(&moonlet_tests::Version::Lua54.path(), source, fuel)
    }
}

#[test]
fn the_snippet_with_budgets_runs() {
    let sum = "local n = 0 for i = 1, 50000 do n = n + i end return n";
    let (answer, result, used) = budgets::run(sum, 1e6).expect("the snippet runs");
    assert_eq!((answer, result.as_str()), (0, "1250025000"));
    assert!(used > 100_000.0 && used < 1e6);
    let (answer, _, used) =
        budgets::run("while true do pcall(error) end", 50_000.0).expect("the snippet runs");
    assert_eq!(answer, -18);
    assert!((50_000.0..60_000.0).contains(&used), "{used}");
}

#[path = "../../docs/examples/snapshot.rs"]
#[allow(dead_code, reason = "the tests call what its main calls")]
mod snapshot;

mod host {
    include!("../../docs/examples/host.rs");

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

#[test]
fn the_guide_to_snapshots_shows_the_example_as_it_is() {
    let guide = read("docs/using-snapshots.md");
    assert!(
        guide.contains(&format!("```rust\n{}```", read("docs/examples/snapshot.rs"))),
        "docs/examples/snapshot.rs"
    );
}

/// The program of docs/using-snapshots.md: its two runs share a file and nothing else.
#[test]
fn a_script_that_waits_is_saved_and_goes_on_later() {
    let folder = root().join("target/moonlet/snapshot");
    std::fs::create_dir_all(&folder).expect("a folder");
    let (module, file) = (Version::Lua54.path(), folder.join("waiting"));
    let request = snapshot::start(&module, &file).expect("the script asks");
    assert_eq!(request, b"\x92\xa3ask\xadWho is there?");
    for answer in ["Ada", "Grace"] {
        let result = snapshot::go_on(&module, &file, answer).expect("the script goes on");
        assert_eq!(result, format!("Hello {answer}"), "as often as one likes: each copy is its own");
    }
    let stored = std::fs::read(&file).expect("the snapshot");
    let mut lua = moonlet_tests::Lua::new(Version::Lua54);
    moonlet_tests::snapshot::restore(&mut lua, &stored).expect("the form of the harness");

    let error = snapshot::go_on(&Version::Lua55.path(), &file, "Ada").expect_err("another build").to_string();
    assert!(error.contains("another build"), "{error}");
    for (place, reason) in
        [(0, "no snapshot"), (20, "header is damaged"), (stored.len() - 1, "damaged or cut short")]
    {
        let mut damaged = stored.clone();
        damaged[place] ^= 1;
        std::fs::write(folder.join("damaged"), damaged).expect("a file");
        let error = snapshot::go_on(&module, &folder.join("damaged"), "Ada").expect_err("damage").to_string();
        assert!(error.contains(reason), "{error}");
    }
}
