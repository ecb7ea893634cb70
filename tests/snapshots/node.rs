//! An instance on Node, which host.mjs drives.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use moonlet_tests::Version;

use crate::workload::{Export, Outcome, Step};

const RESTORE: u8 = 4;
const SAVE: u8 = 5;

pub struct Node {
    child: Child,
    requests: Option<ChildStdin>,
    answers: ChildStdout,
}

impl Node {
    pub fn new(version: Version) -> Self {
        let node = std::env::var_os("MOONLET_NODE").unwrap_or_else(|| "node".into());
        let mut child = Command::new(&node)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/host.mjs"))
            .arg(version.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; make test installs node", node.display()));
        let (requests, answers) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        Self { child, requests, answers }
    }

    fn ask(&mut self, kind: u8, parts: &[&[u8]]) -> Vec<u8> {
        let mut request = vec![kind];
        parts.iter().for_each(|part| request.extend_from_slice(part));
        let len = u32::try_from(request.len()).expect("a short request");
        let pipe = self.requests.as_mut().expect("a pipe");
        pipe.write_all(&len.to_le_bytes()).and_then(|()| pipe.write_all(&request)).expect("node listens");
        let mut len = [0; 4];
        self.answers.read_exact(&mut len).expect("node answers");
        let mut answer = vec![0; u32::from_le_bytes(len) as usize];
        self.answers.read_exact(&mut answer).expect("node answers");
        answer
    }

    /// Restores a stored snapshot into a fresh instance, or says why not.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), String> {
        let answer = self.ask(RESTORE, &[bytes]);
        if answer[0] == 1 { Ok(()) } else { Err(String::from_utf8_lossy(&answer[1..]).into_owned()) }
    }

    /// The instance in the stored form.
    pub fn save(&mut self) -> Vec<u8> {
        self.ask(SAVE, &[])
    }

    pub fn run(&mut self, step: &Step) -> Outcome {
        let kind = match step.export {
            Export::Compute => 0,
            Export::Resume => 1,
            Export::Raise => 2,
            Export::Cancel => 3,
        };
        let answer = self.ask(kind, &[&step.task.to_le_bytes(), &step.data]);
        let number = |at: usize| i32::from_le_bytes(answer[at..at + 4].try_into().expect("four bytes"));
        let (result, output) = answer[12..].split_at(number(8) as usize);
        Outcome { answer: number(0), task: number(4), result: result.to_vec(), output: output.to_vec() }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // The end of its input is the end of the process.
        self.requests = None;
        let _ = self.child.wait();
    }
}
