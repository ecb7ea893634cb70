//! The interactive mode: on a terminal with an editor, else line by line as `lua` has it.

mod colours;
mod complete;
mod editor;
mod plain;

use std::io::{IsTerminal, stdin, stdout};

use anyhow::Result;
use moonlet::{LuaString, Value};

use crate::options::{LuaVersion, ReplOptions};
use crate::report::{self, OWN};
use crate::run::Finish;
use crate::session::{End, Session};
use crate::{output, source};

const EVALUATE: &str = include_str!("lua/repl.lua");

/// What became of what was typed.
enum Evaluated {
    /// It ran.
    Done,
    /// It goes on in another line; what Lua says of it as it is.
    Incomplete(String),
    /// The interactive mode is over.
    Over(End),
}

/// `moonlet repl`: the interactive mode, after the scripts that are named.
pub fn run(options: &ReplOptions) -> Result<i32> {
    let (mut session, _) = Session::new(options.version, &options.limits, &options.world, false)?;
    session.input.by_lines = true;
    let finish = Finish { program: "moonlet", snapshot: None };
    output::print(format!("{}\n", options.version.copyright()))?;
    for script in &options.scripts {
        let text = match source::read(script) {
            Ok(text) => text,
            Err(message) => {
                eprintln!("moonlet: {message}");
                return Ok(1);
            }
        };
        session.begin();
        let started = session.lua.load(text).name(format!("@{}", script.to_string_lossy())).start(());
        match session.drive(started)? {
            End::Done(_) => {}
            End::Failed(error) => eprintln!("{}", report::text(&error)),
            End::Stopped(message) => eprintln!("{message}"),
            end => return finish.end(&mut session, end, None),
        }
    }
    let end = interact(&mut session, options.version)?;
    finish.end(&mut session, end, None)
}

/// Evaluates what is typed until the input ends.
pub fn interact(session: &mut Session, version: LuaVersion) -> Result<End> {
    if stdin().is_terminal() && stdout().is_terminal() {
        editor::interact(session, version)
    } else {
        plain::interact(session, version)
    }
}

/// Evaluates a piece of source; `whole` when it is all that was typed, and so may be an expression.
fn evaluate(session: &mut Session, source: &[u8], whole: bool) -> Result<Evaluated> {
    session.begin();
    let source = match source.strip_prefix(b"=") {
        Some(expression) if whole => [b"return ", expression].concat(),
        _ => source.to_vec(),
    };
    let started = session.lua.load(EVALUATE).name(OWN).start((LuaString::from(source), whole));
    match session.drive(started)? {
        End::Done(values) => match &values[..] {
            [Value::Boolean(false), Value::String(message)] => {
                let message = message.to_string_lossy().into_owned();
                if message.ends_with("<eof>") {
                    return Ok(Evaluated::Incomplete(message));
                }
                complain(&message);
            }
            [_, Value::String(complaint)] => complain(&report::shown(&complaint.to_string_lossy())),
            _ => {}
        },
        End::Failed(error) => complain(&report::text(&error)),
        End::Stopped(message) => complain(&message),
        End::Waits(..) => unreachable!("nothing is saved here"),
        end @ (End::Exit(_) | End::Closed(_) | End::OutputLost(_)) => return Ok(Evaluated::Over(end)),
    }
    Ok(Evaluated::Done)
}

/// What Lua 5.5 says of a local variable, which ends with its line.
fn warn_of_local(version: LuaVersion, line: &str) {
    let rest = line.trim_start_matches([' ', '\t']).strip_prefix("local");
    let alone = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']));
    if version == LuaVersion::Lua55 && alone {
        eprintln!("warning: locals do not survive across lines in interactive mode");
    }
}

fn complain(message: &str) {
    if colours::on(&std::io::stderr()) {
        eprintln!("\x1b[31m{message}\x1b[0m");
    } else {
        eprintln!("{message}");
    }
}

/// The prompt, which a script may set.
fn prompt(session: &Session, name: &str, default: &str) -> Result<String> {
    const PROMPT: &str = include_str!("lua/prompt.lua");
    let prompt = session.lua.load(PROMPT).name(OWN).call::<LuaString>((name, default));
    // One that fails is none.
    Ok(prompt.map_or_else(|_| default.to_string(), |prompt| prompt.to_string_lossy().into_owned()))
}
