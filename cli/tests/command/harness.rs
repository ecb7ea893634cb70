//! Runs of the command in folders of their own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// How long a run may take before it counts as one that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The command's file.
pub const MOONLET: &str = env!("CARGO_BIN_EXE_moonlet");

/// What a run left.
#[derive(Debug)]
pub struct Run {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// What it printed, of a run that succeeded and complained of nothing.
    pub fn printed(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// What it complained of, of a run that failed.
    pub fn complaint(self, status: i32) -> String {
        assert_eq!(self.status, Some(status), "{}{}", self.stdout, self.stderr);
        self.stderr
    }
}

/// A folder in which the command runs.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// With a file.
    pub fn with(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, contents).expect("a file");
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The command with arguments, in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(MOONLET, arguments)
    }

    /// The same by a copy of the command.
    pub fn command_of(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        compile(self.0.path());
        let mut command = plain(program.as_ref(), self.0.path());
        command.args(arguments);
        command
    }

    /// Runs the command, with nothing to read.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// Runs the command with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
        finish(start(&mut self.command(arguments)), input)
    }
}

/// Makes the compiled code that all tests share.
fn compile(folder: &Path) {
    static COMPILED: Once = Once::new();
    COMPILED.call_once(|| {
        for lua in ["5.4", "5.5"] {
            let status = plain(MOONLET.as_ref(), folder)
                .args(["--lua", lua, "-e", ""])
                .status()
                .expect("the command runs");
            assert!(status.success());
        }
    });
}

fn plain(program: &OsStr, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, value) in environment(folder) {
        command.env(name, value);
    }
    for name in ["LUA_INIT", "LUA_INIT_5_4", "LUA_INIT_5_5", "LUA_PATH", "LUA_CPATH", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

/// The variables that a run has of its own.
pub fn environment(folder: &Path) -> [(&'static str, PathBuf); 3] {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    [("XDG_CACHE_HOME", cache), ("XDG_STATE_HOME", folder.join("state")), ("TZ", "UTC0".into())]
}

/// Starts a command whose streams are pipes.
pub fn start(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs")
}

/// Gives a process its input, and waits for its end.
pub fn finish(mut child: Child, input: impl AsRef<[u8]>) -> Run {
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.as_ref().to_vec();
    // One that does not read it is no error.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let id = child.id();
    let (sender, receiver) = channel();
    thread::spawn(move || drop(sender.send(child.wait_with_output())));
    let Ok(output) = receiver.recv_timeout(PATIENCE) else {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        panic!("it hangs");
    };
    let Output { status, stdout, stderr } = output.expect("its output");
    writer.join().expect("the writer");
    Run { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends SIGINT.
pub fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
}
