//! A host that stores a snapshot after each step, killed at any moment: nothing is lost, nothing is done twice.
//!
//! What such a host does, and why it is enough:
//!
//! 1. The snapshot in which a request waits is stored: it lasts before the request is looked at.
//! 2. The key of a request is the SHA-256 of that snapshot's payload. An instance that is brought back asks again from the
//!    same memory, and so under the same key; no two requests of one workflow come from the same memory.
//! 3. The host looks the key up in the log of its calls. Only when it is not there the call is made: its effect and its
//!    record are one line of the log, written and fsynced together, as with a table whose key is unique.
//! 4. The answer in the log, and no other, is what the task is resumed with. The next snapshot is stored: back to 1.
//!
//! A kill before the line lasts leaves no effect, and after it the effect is found again. What lies between two stored
//! snapshots is done again from equal memory with equal answers, and leads to equal memory.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use moonlet_tests::snapshot::{self, Snapshot};
use moonlet_tests::{Lua, Random, Version, option, status};
use sha2::{Digest, Sha256};
use wasmtime::{Module, StoreLimits};

use crate::workload;

/// Processes that `make test` kills.
const KILLS: u64 = 30;
/// Fuel before a pause.
const SLICE: f64 = 600.0;
const SOURCE: &str = include_str!("workflow.lua");
/// Names the child its folder.
const FOLDER: &str = "MOONLET_CRASH_FOLDER";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("digits")).collect()
}

/// The name of a state: the hash of its memory.
fn key(stored: &[u8]) -> String {
    hex(&Sha256::digest(Snapshot::decode(stored).expect("a whole snapshot").payload))
}

/// Where a test lets the host stop, as a kill would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    BeforeTheCall,
    HalfALine,
    AfterTheCall,
    AfterResume,
    HalfASnapshot,
    AfterStore,
}

const POINTS: [Point; 6] = [
    Point::BeforeTheCall,
    Point::HalfALine,
    Point::AfterTheCall,
    Point::AfterResume,
    Point::HalfASnapshot,
    Point::AfterStore,
];

/// The host stopped before the workflow was done.
struct Stopped;

/// The log of host calls: lines of key, request and answer, all in hexadecimal digits.
struct Log {
    path: PathBuf,
    lines: Vec<[String; 3]>,
}

impl Log {
    /// Reads the log. A last line without its end was never acknowledged, and is dropped.
    fn open(folder: &Path) -> Self {
        let path = folder.join("host-calls");
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).expect("the log");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("the log");
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(end as u64).and_then(|()| file.sync_all()).expect("the log");
        snapshot::sync_folder(&path).expect("the folder");
        let lines = text[..end].lines().map(|line| {
            let parts: Vec<String> = line.split(' ').map(String::from).collect();
            parts.try_into().expect("three parts")
        });
        Self { lines: lines.collect(), path }
    }

    fn find(&self, key: &str) -> Option<&[String; 3]> {
        self.lines.iter().find(|line| line[0] == key)
    }

    fn append(&mut self, line: [String; 3], half: bool) {
        let text = line.join(" ") + "\n";
        let mut file = OpenOptions::new().append(true).open(&self.path).expect("the log");
        file.write_all(&text.as_bytes()[..if half { text.len() / 2 } else { text.len() }]).expect("the log");
        file.sync_data().expect("the log");
        self.lines.push(line);
    }
}

/// A host from its start to its end, or to where it stops.
struct Host<'a> {
    folder: &'a Path,
    /// Whether it stops here.
    stops: &'a mut dyn FnMut(Point) -> bool,
    /// Hears of each state that lasts.
    stored: &'a mut dyn FnMut(&str),
    /// Looks into the log first, as it must; one that does not shows that the test can tell.
    looks: bool,
}

impl Host<'_> {
    fn stop_at(&mut self, point: Point) -> Result<(), Stopped> {
        if (self.stops)(point) { Err(Stopped) } else { Ok(()) }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("snapshot")
    }

    /// Takes a fresh instance and runs the workflow from where it was.
    fn live(&mut self, mut lua: Lua) -> Result<(), Stopped> {
        let mut log = Log::open(self.folder);
        let mut state = match fs::read(self.path()) {
            Ok(stored) => {
                snapshot::restore(&mut lua, &stored).unwrap_or_else(|error| panic!("{error}"));
                let state = key(&stored);
                (self.stored)(&state);
                state
            }
            Err(_) => {
                lua.set(option::SLICE, SLICE);
                let source = lua.put(SOURCE.as_bytes());
                lua.call::<_, i32>("compute", source);
                lua.take(source);
                self.store(&mut lua)?
            }
        };
        loop {
            let answer = match lua.call::<_, i32>("status", ()) {
                status::OK => return Ok(()),
                status::YIELD => self.answer(&mut log, &state, &lua.result())?,
                _ => Vec::new(),
            };
            let (task, data) = (lua.task(), lua.put(&answer));
            lua.call::<_, i32>("resume", (task, data.0, data.1));
            lua.take(data);
            self.stop_at(Point::AfterResume)?;
            state = self.store(&mut lua)?;
        }
    }

    fn store(&mut self, lua: &mut Lua) -> Result<String, Stopped> {
        let stored = snapshot::save(lua).expect("not poisoned");
        if (self.stops)(Point::HalfASnapshot) {
            fs::write(self.path().with_extension("temporary"), &stored[..stored.len() / 2]).expect("a file");
            return Err(Stopped);
        }
        snapshot::store(&self.path(), &stored).expect("a stored snapshot");
        let state = key(&stored);
        (self.stored)(&state);
        self.stop_at(Point::AfterStore)?;
        Ok(state)
    }

    /// What the host call that `request` asks for answered, now or before.
    fn answer(&mut self, log: &mut Log, key: &str, request: &[u8]) -> Result<Vec<u8>, Stopped> {
        if self.looks
            && let Some([_, known, answer]) = log.find(key)
        {
            assert_eq!(*known, hex(request), "equal keys are equal requests");
            return Ok(bytes_of(answer));
        }
        self.stop_at(Point::BeforeTheCall)?;
        let answer = workload::answer(request, 1);
        let line = [key.to_string(), hex(request), hex(&answer)];
        if (self.stops)(Point::HalfALine) {
            log.append(line, true);
            return Err(Stopped);
        }
        log.append(line, false);
        self.stop_at(Point::AfterTheCall)?;
        Ok(answer)
    }
}

/// An empty folder of a test.
fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/crash").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A workflow that nothing disturbed.
struct Undisturbed {
    /// The states in order.
    states: Vec<String>,
    log: Vec<[String; 3]>,
    stored: Vec<u8>,
}

impl Undisturbed {
    fn new(version: Version, name: &str) -> Self {
        let folder = empty_folder(&format!("{name}-{}-undisturbed", version.name()));
        let mut states = Vec::new();
        let mut stored = |state: &str| states.push(state.to_string());
        let mut host = Host { folder: &folder, stops: &mut |_| false, stored: &mut stored, looks: true };
        assert!(host.live(Lua::new(version)).is_ok());
        let (log, stored) =
            (Log::open(&folder).lines, fs::read(folder.join("snapshot")).expect("a snapshot"));
        let mut different = states.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), states.len(), "no two states are equal");
        assert!(log.len() == 24 && states.len() > 30, "{} calls in {} states", log.len(), states.len());
        Self { states, log, stored }
    }

    /// The place of a state among them.
    fn place(&self, state: &str) -> usize {
        let place = self.states.iter().position(|other| other == state);
        place.unwrap_or_else(|| panic!("a state that an undisturbed workflow does not have: {state}"))
    }

    /// A workflow that is done was done as this one: every call once, in order, to the same end.
    fn assert_equal(&self, folder: &Path) {
        assert_eq!(Log::open(folder).lines, self.log, "nothing is lost, nothing is done twice");
        assert!(fs::read(folder.join("snapshot")).expect("a snapshot") == self.stored, "another end");
    }
}

/// Stops the host at that point of every step, and starts it again, until the workflow is done; how often.
fn stop_everywhere(version: Version, folder: &Path, point: Point, looks: bool) -> u64 {
    for name in ["snapshot", "host-calls"] {
        let _ = fs::remove_file(folder.join(name));
    }
    let mut stopped = 0;
    loop {
        // By turns the second time that the point is come to, and the first, so that the work gets on.
        let mut times = 0;
        let mut stops = |at| {
            times += u64::from(at == point);
            at == point && times == 2 - stopped % 2
        };
        let mut host = Host { folder, stops: &mut stops, stored: &mut |_| {}, looks };
        if host.live(Lua::new(version)).is_ok() {
            return stopped;
        }
        stopped += 1;
    }
}

/// The child of [`processes_are_killed`]: a host in a process of its own, which tells each state that lasts.
#[test]
#[ignore = "the child of another test"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    // SAFETY: the parent has written the file with an engine of the same settings.
    let module = unsafe { Module::deserialize_file(&moonlet_tests::engine(), folder.join("../module")) };
    let lua = Lua::from_module(&module.expect("the compiled module"), StoreLimits::default());
    let tell = |state: &str| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "stored {state}").and_then(|()| out.flush()).expect("the parent listens");
    };
    let mut host = Host { folder, stops: &mut |_| false, stored: &mut { tell }, looks: true };
    assert!(host.live(lua).is_ok());
}

/// Starts a child, kills it at some moment after some states, and hears all that it told. Whether it ended by itself first.
fn one_life(folder: &Path, random: &mut Random, heard: &mut dyn FnMut(&str)) -> bool {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["crash::child", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this program again");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut hear = |line: String| {
        // The test runner writes "test crash::child ... " before the first line.
        if let Some((_, state)) = line.split_once("stored ") {
            heard(state);
        }
    };
    // Lines of the test runner count too, so that some die before they have begun.
    for _ in 0..random.below(9) {
        if let Some(line) = lines.next() {
            hear(line.expect("text"));
        }
    }
    std::thread::sleep(Duration::from_micros(random.below(4000)));
    // SIGKILL; a child that has ended by itself is not there any more.
    let _ = child.kill();
    lines.for_each(|line| hear(line.expect("text")));
    let ended = child.wait().expect("the child's end");
    if ended.code().is_some_and(|code| code != 0) {
        let mut text = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut text).expect("text");
        panic!("the child failed: {text}");
    }
    ended.success()
}

fn processes_are_killed(version: Version) {
    let most = crate::amount("KILLS", KILLS);
    let undisturbed = Undisturbed::new(version, "kill");
    let folder = empty_folder(&format!("kill-{}", version.name()));
    fs::write(folder.join("module"), version.module().serialize().expect("a compiled module"))
        .expect("a file");
    let mut random = Random(23);
    let (mut kills, mut workflows, mut states, mut calls) = (0, 0, 0, 0);
    while kills < most {
        let work = folder.join("work");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work).expect("a folder");
        // The last state that a child has told of.
        let mut last: Option<usize> = None;
        loop {
            let mut first = true;
            let mut heard = |state: &str| {
                let place = undisturbed.place(state);
                match last {
                    // It was told, so it lasts; one more may last that there was no time to tell of.
                    Some(last) if first => {
                        assert!(place == last || place == last + 1, "{place} after {last}")
                    }
                    Some(last) => assert_eq!(place, last + 1, "one step after the other"),
                    None => assert_eq!(place, 0, "the workflow begins at its beginning"),
                }
                first = false;
                last = Some(place);
                states += 1;
            };
            if one_life(&work, &mut random, &mut heard) {
                break;
            }
            kills += 1;
            if kills % 100 == 0 {
                println!("{version:?}: {kills} of {most} kills, {workflows} workflows done");
            }
        }
        undisturbed.assert_equal(&work);
        workflows += 1;
        calls += undisturbed.log.len();
    }
    println!(
        "{version:?}: {kills} processes killed (SIGKILL) in {workflows} workflows of {} steps: {states} states seen to last, \
         {calls} host calls, none lost, none made twice, each end as undisturbed",
        undisturbed.states.len()
    );
}

fn stopped_at_every_point(version: Version) {
    let undisturbed = Undisturbed::new(version, "stop");
    let folder = empty_folder(&format!("stop-{}", version.name()));
    let mut stops = 0;
    for point in POINTS {
        stops += stop_everywhere(version, &folder, point, true);
        undisturbed.assert_equal(&folder);
    }
    println!(
        "{version:?}: stopped {stops} times at {} points; nothing lost, nothing done twice",
        POINTS.len()
    );
    // The same without a look at the log does things twice, which the comparison sees.
    stop_everywhere(version, &folder, Point::AfterTheCall, false);
    assert_ne!(Log::open(&folder).lines, undisturbed.log);
}

both_versions! { processes_are_killed stopped_at_every_point }
