//! The same on PostgreSQL, where that is installed.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::harness::{Folder, Process, until};
use crate::process::{kill, kills};

/// A server of PostgreSQL that goes with the test.
struct Cluster {
    folder: Folder,
    programs: PathBuf,
    port: u16,
    running: Option<Child>,
}

/// The folder of its programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian.chain(std::env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// A command of it, as a user that it accepts, that ends when this process does.
fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root {
        command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]);
    }
    command.arg(program).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Cluster {
    /// A new one; none where PostgreSQL is not installed.
    fn new() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("PostgreSQL is not installed here; these tests need it (Debian: postgresql)");
            return None;
        };
        let folder = Folder::new();
        Command::new("chmod").args(["777", &folder.file("")]).status().unwrap();
        let data = folder.file("data");
        let made = command(&programs.join("initdb"))
            .args(["-D", &data, "-U", "moonlet", "-A", "trust", "-N"])
            .status();
        assert!(made.unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut cluster = Self { folder, programs, port, running: None };
        cluster.start();
        Some(cluster)
    }

    fn start(&mut self) {
        let mut postgres = command(&self.programs.join("postgres"));
        postgres.args([
            "-D",
            &self.folder.file("data"),
            "-k",
            &self.folder.file(""),
            "-p",
            &self.port.to_string(),
        ]);
        postgres.args(["-c", "listen_addresses=127.0.0.1"]);
        self.running = Some(postgres.spawn().unwrap());
        let probe = self.programs.join("pg_isready");
        until("PostgreSQL answers", || {
            let port = self.port.to_string();
            command(&probe).args(["-h", "127.0.0.1", "-p", &port]).status().unwrap().success()
        });
    }

    /// Stops it at once, as a failure would.
    fn stop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        let _ = Command::new("kill").args(["-QUIT", &running.id().to_string()]).status();
        let _ = running.wait();
    }

    fn address(&self) -> String {
        format!("postgres://moonlet@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

#[test]
fn sessions_are_kept_in_postgres_and_outlive_its_failures() {
    let Some(mut cluster) = Cluster::new() else { return };
    let address = cluster.address();
    let server = Process::new(&address, &["--session-age", "1h", "--sessions", "2"]).ok().unwrap();
    server.client.create("s");
    server.client.session("s", "x = 1").values();
    assert_eq!(
        server.client.post("/api/sessions", &json!({"name": "s"})).problem(),
        (409, "session_exists".into())
    );

    cluster.stop();
    let answer = server.client.session("s", "x = 2");
    assert_eq!(answer.problem(), (503, "database_away".into()));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(server.client.get("/readyz").problem(), (503, "database_away".into()));
    assert_eq!(server.client.lua("return 1").values(), json!([1]));
    cluster.start();
    until("it is back", || server.client.get("/readyz").status == 200);
    assert_eq!(server.client.session("s", "return x").values(), json!([1]));

    // A server that begins while it is away waits for it.
    server.signal("TERM");
    server.wait();
    cluster.stop();
    let server = Process::new(&address, &["--sessions", "2"]).ok().unwrap();
    assert_eq!(server.client.session("s", "").problem(), (503, "database_away".into()));
    cluster.start();
    until("it is back", || server.client.get("/readyz").status == 200);
    assert_eq!(server.client.session("s", "x = x + 1 return x").values(), json!([2]));
    for name in ["a", "b"] {
        server.client.create(name);
    }
    assert_eq!(server.client.session("s", "").problem(), (410, "expired_session".into()));
    assert_eq!(server.client.delete("/api/sessions/a").status, 204);
}

#[test]
fn no_session_in_postgres_is_lost_past_its_last_answer() {
    let Some(cluster) = Cluster::new() else { return };
    kill(&cluster.address(), &["--client-running", "0"], kills().min(20));
}

#[test]
fn an_address_that_is_wrong_says_so_and_not_its_password() {
    let Some(cluster) = Cluster::new() else { return };
    let wrong = format!("postgres://moonlet:secret@127.0.0.1:{}/nothing", cluster.port);
    let ended = Process::new(&wrong, &[]).err().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.log.contains("\"nothing\" does not exist") && !ended.log.contains("secret"),
        "{}",
        ended.log
    );
}
