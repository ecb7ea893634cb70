//! The native Lua: a program that runs Lua programs one after the other, each in a fresh state.

use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use moonlet_tests::Version;

/// tests/native/differential.c, running.
pub struct Native {
    child: Child,
    programs: Option<ChildStdin>,
    transcripts: BufReader<ChildStdout>,
}

impl Native {
    pub fn start(version: Version) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let program = root.join("target/native").join(format!("differential-{}", version.name()));
        // An empty folder, which the programs could not change if they tried.
        let folder = root.join("target/native/empty");
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut child = Command::new(&program)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; build it: make differential", program.display()));
        let programs = child.stdin.take();
        let transcripts = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, programs, transcripts }
    }

    /// The transcript of a program: status, output, result or error. One that runs too long kills the process.
    pub fn run(&mut self, source: &[u8]) -> Vec<u8> {
        self.try_run(source).unwrap_or_else(|error| {
            panic!("{error}: native Lua did not survive\n{}", String::from_utf8_lossy(source))
        })
    }

    fn try_run(&mut self, source: &[u8]) -> std::io::Result<Vec<u8>> {
        let programs = self.programs.as_mut().expect("a pipe that drop closes");
        let length = u32::try_from(source.len()).expect("a short program");
        programs
            .write_all(&length.to_le_bytes())
            .and_then(|()| programs.write_all(source))
            .expect("Lua reads");
        programs.flush().expect("Lua reads");
        let mut length = [0; 4];
        self.transcripts.read_exact(&mut length)?;
        let mut transcript = vec![0; u32::from_le_bytes(length) as usize];
        self.transcripts.read_exact(&mut transcript)?;
        Ok(transcript)
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        drop(self.programs.take());
        let _ = self.child.wait();
    }
}
