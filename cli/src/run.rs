//! Running a script: what `lua` does with its command line.

use std::ffi::OsStr;
use std::io::{IsTerminal, stdin};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use moonlet::Value;

use crate::command_line::{CommandLine, Step};
use crate::engine::showing;
use crate::quantity::grouped;
use crate::report;
use crate::session::{End, Session, Why};
use crate::value::{table, text};
use crate::{file, output, repl};

/// The status of a script that was saved: as sysexits.h has it for what is to be tried again.
pub const SAVED: i32 = 75;

/// Does what the command line says; the status.
pub fn run(line: &CommandLine) -> Result<i32> {
    let version = line.options.run.version;
    if line.show_version {
        output::print(format!("{}\n", version.copyright()))?;
    }
    let steps = steps(line);
    if line.show_version && steps.is_empty() && line.script.is_none() && !line.interactive {
        return Ok(0);
    }
    let began = Instant::now();
    let options = &line.options;
    let (mut session, driver) =
        Session::new(version, &options.limits, &options.world, line.ignore_environment)?;
    session.saves = options.run.snapshot.is_some();
    let only_shows = line.show_version || line.steps.iter().any(|step| matches!(step, Step::Execute(_)));
    let from_input = line.script.is_none() && !only_shows;
    let terminal = stdin().is_terminal();
    let interactive = line.interactive || from_input && terminal;
    // What is interactive reads lines, and scripts do beside it.
    session.input.by_lines = interactive;
    let plan = table([
        (
            "arg",
            Value::Map(line.argument_table().map(|(at, word)| (Value::Integer(at), text(word))).collect()),
        ),
        ("steps", Value::Sequence(steps)),
        ("script", script(line, from_input && !terminal)),
        ("arguments", line.script.is_some().into()),
        ("interactive", interactive.into()),
    ]);
    session.begin();
    let started = driver.start((plan,));
    let end = session.drive(started)?;
    // The system takes back what the engine holds, and faster than that would give it up.
    let mut session = std::mem::ManuallyDrop::new(session);
    let finish = Finish { program: &line.program(), snapshot: options.run.snapshot.as_deref() };
    let began = options.run.stats.then_some(began);
    if !interactive || !matches!(&end, End::Done(values) if values.len() == 1) {
        return finish.end(&mut session, end, began);
    }
    session.saves = false;
    if !line.show_version {
        output::print(format!("{}\n", version.copyright()))?;
    }
    let end = repl::interact(&mut session, version)?;
    finish.end(&mut session, end, began)
}

/// What is done before the script.
fn steps(line: &CommandLine) -> Vec<Value> {
    let chunk = |source: &OsStr, name: &str| {
        table([("kind", "chunk".into()), ("text", text(source)), ("name", name.into())])
    };
    let mut steps = Vec::new();
    if !line.ignore_environment {
        let long = format!("LUA_INIT{}", line.options.run.version.suffix());
        for name in [long.as_str(), "LUA_INIT"] {
            let Some(init) = std::env::var_os(name) else { continue };
            steps.push(match init.as_encoded_bytes().strip_prefix(b"@") {
                Some(file) => table([("kind", "file".into()), ("text", file.into())]),
                None => chunk(&init, &format!("={name}")),
            });
            break;
        }
    }
    for step in &line.steps {
        steps.push(match step {
            Step::Execute(source) => chunk(source, "=(command line)"),
            Step::Require(module) => table([("kind", "require".into()), ("text", text(module))]),
            Step::Warnings => table([("kind", "warnings".into())]),
        });
    }
    steps
}

/// The script's file, false for standard input, nil for none.
fn script(line: &CommandLine, from_input: bool) -> Value {
    match line.script {
        Some(_) if line.standard_input => false.into(),
        Some(index) => text(&line.words[index]),
        None if from_input => false.into(),
        None => Value::Nil,
    }
}

/// What becomes of a script's end.
pub struct Finish<'a> {
    /// The name of the program in messages.
    pub program: &'a str,
    /// Where it is saved when it waits.
    pub snapshot: Option<&'a Path>,
}

impl Finish<'_> {
    /// Tells of it, saves what waits, and closes the state; the status.
    pub fn end(&self, session: &mut Session, end: End, began: Option<Instant>) -> Result<i32> {
        let stats = session.lua.stats();
        // Unless it is asked for, os.exit closes no state.
        let closes = !matches!(end, End::Exit(_) | End::OutputLost(_));
        let saved = matches!(end, End::Waits(..));
        let mut status = match end {
            End::Done(values) => match &values[..] {
                [Value::Boolean(false), Value::String(message)] => {
                    let message = message.to_string_lossy();
                    self.tell(&report::shown(&message));
                    if message.contains("not found:\n\tno field package.preload") && !session.folders.any() {
                        eprintln!(
                            "moonlet: scripts see no folder but those that are given; --dir . gives this one"
                        );
                    }
                    1
                }
                _ => 0,
            },
            End::Failed(error) => {
                self.tell(&report::text(&error));
                1
            }
            End::Stopped(message) => {
                self.tell(&message);
                1
            }
            End::Exit(code) | End::Closed(code) => code,
            End::OutputLost(error) if error.kind() == std::io::ErrorKind::BrokenPipe => output::BROKEN_PIPE,
            End::OutputLost(error) => {
                self.tell(&format!("cannot write to standard output: {error}"));
                1
            }
            End::Waits(task, why) => {
                let what = match why {
                    Why::Call => format!("it waits for an answer to '{}'", task.name().unwrap_or_default()),
                    Why::TimeUp => "its time is up".into(),
                    Why::Interrupted => "it was interrupted".into(),
                };
                let path = self.snapshot.context("only what can be saved waits")?;
                save(session, path)?;
                let answer = if why == Why::Call { " ANSWER..." } else { "" };
                self.tell(&format!("{what}; go on by: moonlet resume {}{answer}", path.display()));
                SAVED
            }
        };
        if !saved && let Some(code) = session.close(closes)? {
            status = code;
        }
        if let (Some(began), Ok(stats)) = (began, stats) {
            eprintln!(
                "{}: {} units of fuel, {} bytes of memory ({} at most), {:.3} s",
                self.program,
                grouped(stats.fuel_used),
                grouped(stats.memory_used),
                grouped(stats.memory_peak),
                began.elapsed().as_secs_f64()
            );
        }
        Ok(status)
    }

    fn tell(&self, message: &str) {
        eprintln!("{}: {message}", self.program);
    }
}

/// Saves the state into a file, which is whole or as it was.
fn save(session: &mut Session, path: &Path) -> Result<()> {
    session.folders.write_back(&session.lua)?;
    let bytes = showing("saving the script", || session.lua.snapshot())?;
    file::replace(path, &bytes).with_context(|| format!("the script cannot be saved in {}", path.display()))
}
