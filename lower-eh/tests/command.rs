//! The command as a stranger uses it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lower-eh"))
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    // A command that refuses its arguments never reads; that is no failure of the test.
    let _ = child.stdin.take().expect("its input").write_all(input);
    child.wait_with_output().expect("the command ends")
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of its own for each test, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lower-eh-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }

    fn entries(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const THROWS: &str = r#"(module (tag $t) (func (export "f") (throw $t)))"#;
const REFUSED: &str = r#"(module (tag (export "t")))"#;

#[test]
fn help_says_what_goes_in_what_comes_out_and_what_is_refused() {
    let output = run(&["--help"], b"");
    assert!(output.status.success());
    let help = String::from_utf8_lossy(&output.stdout);
    for piece in ["What goes in", "What comes out", "What is refused", "--compare-switches", "--report", "-o"]
    {
        assert!(help.contains(piece), "no {piece} in {help}");
    }
}

#[test]
fn wrong_usage_prints_usage() {
    let wrong: [&[&str]; 4] = [&[], &["in.wasm"], &["in.wasm", "-o"], &["--unknown", "in.wasm", "-o", "x"]];
    for arguments in wrong {
        let output = run(arguments, b"");
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error(&output).contains("Usage: lower-eh"), "{arguments:?}: {}", error(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn text_and_binary_through_pipes() {
    let from_text = run(&["-", "-o", "-"], THROWS.as_bytes());
    assert!(from_text.status.success(), "{}", error(&from_text));
    assert!(from_text.stdout.starts_with(b"\0asm"));
    let wasm = wat::parse_str(THROWS).expect("a module");
    let from_binary = run(&["-", "--output", "-"], &wasm);
    assert_eq!(from_text.stdout, from_binary.stdout);
    assert!(from_binary.stderr.is_empty(), "{}", error(&from_binary));
}

#[test]
fn files_and_report() {
    let folder = Folder::new("files");
    std::fs::write(folder.file("in.wat"), THROWS).expect("a file");
    let output = run(&[&folder.file("in.wat"), "-o", &folder.file("out.wasm"), "--report"], b"");
    assert!(output.status.success(), "{}", error(&output));
    assert!(error(&output).contains("of them may throw"), "{}", error(&output));
    assert_eq!(folder.entries(), ["in.wat", "out.wasm"]);
    assert!(std::fs::read(folder.file("out.wasm")).expect("the output").starts_with(b"\0asm"));
    // In place: the input is read before the output is written.
    let same = run(&[&folder.file("out.wasm"), "-o", &folder.file("out.wasm"), "--compare-switches"], b"");
    assert!(same.status.success(), "{}", error(&same));
}

#[test]
fn an_error_leaves_the_output_as_it_was() {
    let folder = Folder::new("error");
    std::fs::write(folder.file("out.wasm"), "before").expect("a file");
    for (input, message) in [(REFUSED, "(export \"t\")"), ("(module", "expected"), ("\0asm\u{1}", "-: ")] {
        let output = run(&["-", "-o", &folder.file("out.wasm")], input.as_bytes());
        assert!(!output.status.success());
        assert!(error(&output).contains(message), "no {message} in {}", error(&output));
        assert_eq!(std::fs::read(folder.file("out.wasm")).expect("the file"), b"before");
        assert_eq!(folder.entries(), ["out.wasm"]);
        let piped = run(&["-", "-o", "-"], input.as_bytes());
        assert!(!piped.status.success() && piped.stdout.is_empty());
    }
}

#[test]
fn files_that_cannot_be_read_or_written_are_named() {
    let folder = Folder::new("missing");
    let missing = folder.file("missing.wasm");
    let output = run(&[&missing, "-o", "-"], b"");
    assert!(!output.status.success() && error(&output).contains("missing.wasm"), "{}", error(&output));
    let nowhere = folder.file("no/such/out.wasm");
    let output = run(&["-", "-o", &nowhere], THROWS.as_bytes());
    assert!(!output.status.success() && error(&output).contains("out.wasm"), "{}", error(&output));
    assert!(folder.entries().is_empty());
}
