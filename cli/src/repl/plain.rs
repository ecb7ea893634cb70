//! Lines from a pipe or file, with the prompts of `lua`.

use anyhow::Result;

use super::{Evaluated, complain, evaluate, prompt, warn_of_local};
use crate::input::Read;
use crate::options::LuaVersion;
use crate::output;
use crate::session::{End, Session};

/// The status of a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Evaluates lines until there are no more.
pub fn interact(session: &mut Session, version: LuaVersion) -> Result<End> {
    loop {
        let Some(mut source) = read(session, "_PROMPT", "> ")? else { break };
        warn_of_local(version, &String::from_utf8_lossy(&source));
        let mut whole = true;
        loop {
            match evaluate(session, &source, whole)? {
                Evaluated::Done => break,
                Evaluated::Over(end) => return Ok(end),
                Evaluated::Incomplete(message) => match read(session, "_PROMPT2", ">> ")? {
                    Some(line) => {
                        source.push(b'\n');
                        source.extend(line);
                        whole = false;
                    }
                    None => {
                        complain(&message);
                        break;
                    }
                },
            }
            if session.interrupts.caught() {
                return Ok(End::Exit(INTERRUPTED));
            }
        }
    }
    output::print("\n")?;
    Ok(End::Done(Vec::new()))
}

/// A line without its end; `None` after the last.
fn read(session: &mut Session, name: &str, default: &str) -> Result<Option<Vec<u8>>> {
    output::print(prompt(session, name, default)?)?;
    Ok(match session.input.line(&session.interrupts, None)? {
        Read::Bytes(mut line) if !line.is_empty() => {
            line.pop_if(|byte| *byte == b'\n');
            Some(line)
        }
        _ => None,
    })
}
