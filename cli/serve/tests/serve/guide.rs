//! The guide says what is so: its commands run, and its options are there.

use std::process::Command;

use clap::{Args, Command as Options};
use moonlet_serve::ServeOptions;

use crate::harness::Running;

const GUIDE: &str = include_str!("../../../../docs/using-the-server.md");

/// The blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    GUIDE.split(&*begin).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

#[test]
fn its_commands_run() {
    let server = Running::new(&[]);
    let address = server.client.0.to_string();
    let mut answers = Vec::new();
    for block in blocks("sh").into_iter().filter(|block| block.starts_with("curl")) {
        let script = format!("set -e\n{}", block.replace("127.0.0.1:8080", &address));
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{block}");
        answers.push(String::from_utf8(output.stdout).unwrap());
    }
    let [first, stream, session] = &answers[..] else { panic!("{answers:?}") };
    let told: serde_json::Value = serde_json::from_str(blocks("json")[0]).unwrap();
    let first: serde_json::Value = serde_json::from_str(first).unwrap();
    let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&told), names(&first));
    assert_eq!((&told["values"], &told["output"]), (&first["values"], &first["output"]));
    assert!(stream.starts_with("event: output\n") && stream.contains("event: answer\n"), "{stream}");
    assert!(session.contains("\"kept\":true"), "{session}");
}

#[test]
fn its_options_are_there() {
    let options = ServeOptions::augment_args(Options::new("serve"));
    let known: Vec<_> = options.get_arguments().filter_map(|argument| argument.get_long()).collect();
    let words = GUIDE.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let named: Vec<_> = words
        .filter_map(|word| word.strip_prefix("--"))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    // Those of cargo and of every command.
    let foreign = ["help", "release", "example"];
    for name in &named {
        assert!(known.contains(name) || foreign.contains(name), "--{name}");
    }
    let most = known.iter().filter(|name| named.contains(name)).count();
    assert!(most > 20, "{most} of {}", known.len());
}
