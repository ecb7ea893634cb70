//! Lines from a terminal: edited, kept in a history, completed, coloured.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use moonlet::{Lua, LuaString};
use rustyline::completion::Completer;
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper, Hinter};

use super::{Evaluated, colours, complain, complete, evaluate, prompt, warn_of_local};
use crate::options::LuaVersion;
use crate::report::OWN;
use crate::session::{End, Session};

/// Whether source goes on in another line.
const GOES_ON: &str = "local source = ... if load('return ' .. source, '=stdin', 't') then return false end \
    local f, message = load(source, '=stdin', 't') return not f and message:sub(-5) == '<eof>'";

/// Lines of history that are kept.
const HISTORY: usize = 10_000;

/// What helps who types.
#[derive(Helper, Hinter)]
struct Assistant {
    lua: Lua,
    colours: bool,
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete::complete(&self.lua, &line[..position]))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.colours { colours::lua(line).into() } else { line.into() }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.colours { format!("\x1b[1;34m{prompt}\x1b[0m").into() } else { prompt.into() }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colours && kind != CmdKind::MoveCursor
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        let source = input.strip_prefix('=').map_or(Cow::from(input), |rest| format!("return {rest}").into());
        let goes_on = self.lua.load(GOES_ON).name(OWN).call::<bool>((LuaString::from(source.as_bytes()),));
        Ok(if goes_on.unwrap_or(false) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

/// Evaluates what is typed until Ctrl-D.
pub fn interact(session: &mut Session, version: LuaVersion) -> Result<End> {
    let mut editor: Editor<Assistant, FileHistory> = Editor::new()?;
    editor.set_max_history_size(HISTORY)?;
    editor.set_auto_add_history(true);
    editor.set_completion_type(rustyline::CompletionType::List);
    editor.set_helper(Some(Assistant { lua: session.lua.clone(), colours: colours::on(&std::io::stdout()) }));
    let history = history();
    if let Some(file) = &history {
        // There is none before the first time.
        let _ = editor.load_history(file);
    }
    let end = lines(session, version, &mut editor);
    if let Some(file) = &history
        && let Err(error) = editor.append_history(file)
    {
        complain(&format!("the history cannot be kept in {}: {error}", file.display()));
    }
    end
}

fn lines(
    session: &mut Session,
    version: LuaVersion,
    editor: &mut Editor<Assistant, FileHistory>,
) -> Result<End> {
    loop {
        let prompt = prompt(session, "_PROMPT", "> ")?;
        match editor.readline(&prompt) {
            Ok(source) => {
                warn_of_local(version, &source);
                match evaluate(session, source.as_bytes(), true)? {
                    Evaluated::Done => {}
                    Evaluated::Incomplete(message) => complain(&message),
                    Evaluated::Over(end) => return Ok(end),
                }
            }
            // Ctrl-C drops the line.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(End::Done(Vec::new())),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The file of the history, in a folder that is there.
fn history() -> Option<PathBuf> {
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?.join("moonlet");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}
