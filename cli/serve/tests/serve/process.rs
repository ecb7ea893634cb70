//! The server as a process: its command line, signals, and SIGKILL.

use std::env;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::harness::{FREE, Folder, Process, command, read, until};

#[test]
fn unknown_options_print_the_usage() {
    let folder = Folder::new();
    let database = folder.file("sessions.db");
    let usage = |listen: &str, options: &[&str]| {
        let output = command(listen, &database, options).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("--help"), "{text}");
        text
    };
    assert!(usage(FREE, &["--nothing"]).contains("Usage: moonlet-serve"));
    assert!(usage(FREE, &["--fuel", "much"]).contains("write a number from 1"));
    assert!(usage(FREE, &["--memory", "1K"]).contains("from 64K to 2G"));
    assert!(usage(FREE, &["--timeout", "10"]).contains("such as 10s"));
    assert!(usage("8080", &[]).contains("--listen"));
}

#[test]
fn a_port_in_use_says_so() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = command(&address, &folder.file("sessions.db"), &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(&format!("{address} is in use")) && text.contains("--listen"), "{text}");
    assert!(!std::path::Path::new(&folder.file("sessions.db")).exists());
}

#[test]
fn a_signal_stops_it_as_soon_as_it_says_that_it_listens() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new();
        let server = Process::new(&folder.file("sessions.db"), &[]).ok().unwrap();
        server.signal(signal);
        let ended = server.wait();
        assert!(ended.status.success(), "{}", ended.log);
        assert!(ended.log.contains("stopped"), "{}", ended.log);
    }
}

#[test]
fn a_signal_lets_end_what_runs() {
    let folder = Folder::new();
    let server = Process::new(&folder.file("sessions.db"), &["--timeout", "60s", "--fuel", "10000000000"])
        .ok()
        .unwrap();
    let body = json!({"code": "local n = 0 for i = 1, 5e7 do n = n + 1 end return n"}).to_string();
    let length = body.len().to_string();
    let headers = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    let running = server.client.begin("POST", "/api/lua", &headers, body.as_bytes()).unwrap();
    until("it runs", || server.client.metric("moonlet_running") == 1.0);
    server.signal("TERM");
    assert_eq!(read(running).unwrap().values(), json!([50_000_000]));
    let ended = server.wait();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(ended.log.contains("stopped"), "{}", ended.log);
}

#[test]
fn what_does_not_end_is_ended_and_told() {
    let folder = Folder::new();
    let options = ["--grace", "100ms", "--timeout", "60s", "--fuel", "1000000000000"];
    let server = Process::new(&folder.file("sessions.db"), &options).ok().unwrap();
    let body = json!({"code": "while true do end"}).to_string();
    let length = body.len().to_string();
    let headers = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    let running = server.client.begin("POST", "/api/lua", &headers, body.as_bytes()).unwrap();
    until("it runs", || server.client.metric("moonlet_running") == 1.0);
    server.signal("INT");
    assert_eq!(read(running).unwrap().problem(), (503, "stopping".into()));
    assert!(server.wait().status.success());
}

#[test]
fn the_log_is_lines_of_json_when_asked_for() {
    let folder = Folder::new();
    let mut child =
        command(FREE, &folder.file("sessions.db"), &["--log", "json", "--tethered"]).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let line: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(line["message"].as_str().unwrap().starts_with("listening at http://127.0.0.1:"), "{line}");
    assert_eq!(line["level"], "INFO");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many writers there are, each with a session of its own.
const WRITERS: usize = 4;

/// Kills the server while sessions are written, and looks whether each is where its last answer left it, or one request further, which
/// was not answered any more.
pub fn kill(database: &str, options: &[&str], kills: u32) {
    let acknowledged: [AtomicU64; WRITERS] = Default::default();
    let answered = AtomicU64::new(0);
    let mut server = Process::new(database, options).ok().unwrap();
    for writer in 0..WRITERS {
        server.client.create(&format!("w{writer}"));
    }
    for round in 0..kills {
        let stop = AtomicBool::new(false);
        let client = server.client;
        thread::scope(|scope| {
            for (writer, last) in acknowledged.iter().enumerate() {
                let (stop, answered) = (&stop, &answered);
                scope.spawn(move || {
                    let body = json!({"code": "n = (n or 0) + 1 return n", "session": format!("w{writer}")})
                        .to_string();
                    while !stop.load(Ordering::Relaxed) {
                        let headers = [("Content-Type", "application/json")];
                        let Ok(answer) = client.try_request("POST", "/api/lua", &headers, body.as_bytes())
                        else {
                            return;
                        };
                        let number = answer.values()[0].as_u64().unwrap();
                        assert_eq!(answer.json()["session"]["kept"], true);
                        let before = last.swap(number, Ordering::Relaxed);
                        assert_eq!(number, before + 1, "writer {writer}");
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            // At another point each time.
            thread::sleep(Duration::from_micros(20_000 + u64::from(round) * 7919 % 60_000));
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
        server = Process::new(database, options).ok().unwrap();
        for (writer, last) in acknowledged.iter().enumerate() {
            let found =
                server.client.session(&format!("w{writer}"), "return n or 0").values()[0].as_u64().unwrap();
            let last = last.swap(found, Ordering::Relaxed);
            assert!(
                found == last || found == last + 1,
                "round {round}, writer {writer}: {last} was answered, {found} is there"
            );
        }
    }
    let answered = answered.into_inner();
    println!("{kills} kills, {answered} requests answered, none lost");
    assert!(answered > u64::from(kills));
}

/// `KILLS=100` makes it the long test.
pub fn kills() -> u32 {
    env::var("KILLS").ok().map_or(5, |kills| kills.parse().unwrap())
}

#[test]
fn no_session_is_lost_past_its_last_answer() {
    let folder = Folder::new();
    kill(&folder.file("sessions.db"), &["--client-running", "0"], kills());
}
