//! Servers in this process and in processes of their own, and a client that can misbehave.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use clap::Parser;
use moonlet_serve::{ServeOptions, Server};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Any port that is free.
pub const FREE: &str = "127.0.0.1:0";

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("moonlet-serve-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_string()
    }

    /// Puts a file there.
    pub fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).unwrap();
        self.file(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The options of a server: those that all have here, and its own.
fn all(listen: &str, database: &str, options: &[&str]) -> Vec<String> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let mut all = vec!["--listen", listen, "--database", database, "--cache", cache.to_str().unwrap()];
    if !options.contains(&"--client-rate") {
        // Tests are in a hurry.
        all.extend(["--client-rate", "0"]);
    }
    all.extend(options);
    all.into_iter().map(String::from).collect()
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: ServeOptions,
}

/// A server in this process, with a database that goes with it.
pub struct Running {
    pub client: Client,
    server: Option<Server>,
    runtime: Option<Runtime>,
    _folder: Folder,
}

impl Running {
    /// A server with options of its own.
    pub fn new(options: &[&str]) -> Self {
        let folder = Folder::new();
        let arguments = all(FREE, &folder.file("sessions.db"), options);
        let named = std::iter::once("serve".to_string()).chain(arguments);
        let options = Arguments::try_parse_from(named).unwrap().options;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(options)).unwrap();
        let client = Client(server.address());
        Self { client, server: Some(server), runtime: Some(runtime), _folder: folder }
    }

    pub fn database(&self) -> String {
        self._folder.file("sessions.db")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let (Some(runtime), Some(server)) = (self.runtime.take(), self.server.take()) else { return };
        if !std::thread::panicking() {
            runtime.block_on(server.stop());
        }
        runtime.shutdown_background();
    }
}

/// A server in a process of its own, which dies with this one.
pub struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
    pub client: Client,
    _tether: ChildStdin,
}

/// What a process that did not stay said, and its status.
pub struct Ended {
    pub status: ExitStatus,
    pub log: String,
}

/// The command with options.
pub fn command(listen: &str, database: &str, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonlet-serve"));
    command.args(all(listen, database, options));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

impl Process {
    /// Starts a server, and waits until it listens.
    pub fn new(database: &str, options: &[&str]) -> Result<Self, Ended> {
        let mut child = Self::spawn(database, options);
        // To wait for a child closes its input.
        let tether = child.stdin.take().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            if log.read_line(&mut line).unwrap() == 0 {
                break None;
            }
            if let Some((_, address)) = line.trim().split_once("listening at http://") {
                break Some(address.parse().unwrap());
            }
            said.push_str(&line);
        };
        match address {
            Some(address) => Ok(Self { child, log, client: Client(address), _tether: tether }),
            None => Err(Ended { status: child.wait().unwrap(), log: said }),
        }
    }

    fn spawn(database: &str, options: &[&str]) -> Child {
        command(FREE, database, options).arg("--tethered").spawn().unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Waits until it ends.
    pub fn wait(mut self) -> Ended {
        let status = self.child.wait().unwrap();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        Ended { status, log }
    }

    /// Kills it with SIGKILL, so that it can do nothing about it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of the problem that it is.
    #[track_caller]
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
        (self.status, problem["code"].as_str().unwrap().to_string())
    }

    /// The values of a script that ran to its end.
    #[track_caller]
    pub fn values(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        let answer = self.json();
        assert_eq!(answer["ok"], true, "{answer}");
        answer["values"].clone()
    }
}

/// A client: each request has a connection of its own.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub SocketAddr);

impl Client {
    /// Begins a request: sends its head and what there is of its body.
    pub fn begin(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.0)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if headers.iter().all(|(name, _)| *name != "Host") {
            head.push_str(&format!("Host: {}\r\n", self.0));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        Ok(stream)
    }

    /// Sends a request, and waits for the answer.
    pub fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let length = body.len().to_string();
        let mut all = vec![("Content-Length", length.as_str())];
        all.extend(headers);
        read(self.begin(method, path, &all, body)?)
    }

    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_request(method, path, headers, body).unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], b"")
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// Runs a script.
    pub fn lua(&self, code: &str) -> Answer {
        self.post("/api/lua", &json!({"code": code}))
    }

    /// Runs a script in a session.
    pub fn session(&self, name: &str, code: &str) -> Answer {
        self.post("/api/lua", &json!({"code": code, "session": name}))
    }

    /// Makes a session.
    #[track_caller]
    pub fn create(&self, name: &str) {
        let answer = self.post("/api/sessions", &json!({"name": name}));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// A figure of the metrics.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text().to_string();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }
}

/// Reads the answer of a request that was begun.
pub fn read(stream: TcpStream) -> io::Result<Answer> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended before the answer");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(cut());
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_string()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if answer.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| cut())?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                return Ok(answer);
            }
            answer.body.extend_from_slice(&chunk[..size]);
        }
    }
    match answer.header("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => {
            answer.body = vec![0; length];
            reader.read_exact(&mut answer.body)?;
        }
        None => drop(reader.read_to_end(&mut answer.body)?),
    }
    Ok(answer)
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "{what}: not so after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
