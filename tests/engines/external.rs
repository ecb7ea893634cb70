//! Engines in a process of their own: a small host gets the module and a file of jobs, and prints what each left.
//!
//! The file is one list of `{"options": [[key, value], ...], "files": [[name, contents], ...], "chunks": [source, ...]}`. For each job the host
//! prints `{"runs": [run, ...], "assertions": count}`, where a run is `{"answer": r, "result": text, "output": text}` or, after a trap,
//! `{"trap": message, "answer": r}` with what the next run answered. Bytes are written as the characters of Latin-1.

use std::path::Path;
use std::process::Command;

use moonlet_tests::Run;
use moonlet_tests::jobs::Job;
use serde_json::{Value, json};

use crate::{Outcome, USABLE};

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn bytes(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap_or_default();
    text.chars().map(|character| u8::try_from(character).expect("a character of Latin-1")).collect()
}

fn encode(jobs: &[Job]) -> Value {
    let job = |job: &Job| {
        let files: Vec<_> = job.files.iter().map(|(name, contents)| (name, latin1(contents))).collect();
        json!({ "options": job.options, "files": files, "chunks": [job.chunk, USABLE] })
    };
    jobs.iter().map(job).collect()
}

fn run(value: &Value) -> Run {
    let answer = value["answer"].as_i64().and_then(|answer| i32::try_from(answer).ok());
    Run {
        answer: answer.expect("an answer of 32 bits"),
        result: bytes(&value["result"]),
        output: bytes(&value["output"]),
    }
}

fn decode(line: &str) -> Outcome {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    Outcome {
        trap: value["runs"][0]["trap"].as_str().map(String::from),
        run: run(&value["runs"][0]),
        after: run(&value["runs"][1]),
        assertions: value["assertions"].as_u64().expect("a count"),
    }
}

/// Runs the host that `command` starts, with its arguments MODULE, JOBS and then `rest`; a folder for the files is `work`.
pub fn outcomes(
    mut command: Command,
    work: &Path,
    module: &[u8],
    jobs: &[Job],
    rest: &[u32],
) -> Vec<Outcome> {
    std::fs::create_dir_all(work).expect("a folder");
    let [wasm, list] = ["module.wasm", "jobs.json"].map(|name| work.join(name));
    std::fs::write(&wasm, module).expect("a writable file");
    std::fs::write(&list, encode(jobs).to_string()).expect("a writable file");
    command.args([&wasm, &list]).args(rest.iter().map(u32::to_string));
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stderr);
    // wasm3 prints a line for each of the calls that a trap ends.
    let tail: Vec<&str> = printed.lines().rev().take(20).collect();
    assert!(output.status.success(), "{command:?}: {}\n{tail:#?}", output.status);
    let outcomes: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().map(decode).collect();
    assert_eq!(outcomes.len(), jobs.len(), "{command:?} did every job: {tail:#?}");
    outcomes
}
