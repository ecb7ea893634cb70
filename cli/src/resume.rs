//! Going on with a script that was saved.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use moonlet::{ErrorKind, LuaString, Task, TaskKind, Value, Variadic, to_value};

use crate::options::{ResumeOptions, World};
use crate::report::OWN;
use crate::run::Finish;
use crate::session::{End, Session};
use crate::snapshot::Header;
use crate::{output, value};

/// Whether the script was started by this command, and so ends as its scripts do.
const IS_OWN: &str = "local debug = debug return debug ~= nil and debug.getregistry ~= nil and \
    debug.getregistry()['moonlet.thread'] ~= nil";

/// Goes on; the status.
pub fn run(options: &ResumeOptions) -> Result<i32> {
    let path = options.file.display();
    let bytes = fs::read(&options.file).with_context(|| format!("cannot open {path}"))?;
    let refused = || format!("{path} cannot be resumed");
    let version = Header::read(&bytes).and_then(|header| header.version()).with_context(refused)?;
    let answers = answers(options)?;
    let began = Instant::now();
    let world = World { dir: options.dir.clone(), env: Vec::new(), deterministic: options.deterministic };
    let mut session = Session::restored(version, &options.limits, &world, &bytes).with_context(refused)?;
    let mut task = choose(session.lua.tasks()?, options).with_context(refused)?;
    let own: bool = session.lua.load(IS_OWN).name(OWN).eval()?;
    session.lua.set_fuel(options.limits.fuel.map_or(0, |fuel| fuel + task.fuel_used()))?;
    session.saves = true;
    session.begin();
    let asks = task.kind() == TaskKind::Call && !task.name().unwrap_or_default().starts_with("moonlet.");
    let stepped = match &options.fail {
        Some(message) if asks => task.fail(message.clone()),
        None if asks => task.resume(Variadic(answers)),
        None if answers.is_empty() => Ok(()),
        _ => bail!("the script waits for no answer: leave it out"),
    };
    match &stepped {
        Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Conversion) => {
            bail!("the answer cannot be given: {error}");
        }
        _ => {}
    }
    let mut end = session.drive(stepped.map(|()| task))?;
    if !own && let End::Done(values) = &end {
        let shown: Vec<String> = values.iter().map(value::shown).collect();
        output::print(shown.join("\t") + "\n")?;
        end = End::Done(Vec::new());
    }
    let snapshot = options.snapshot.as_ref().unwrap_or(&options.file);
    let finish = Finish { program: "moonlet", snapshot: Some(snapshot) };
    finish.end(&mut session, end, options.stats.then_some(began))
}

/// What the call returns that the script waits for.
fn answers(options: &ResumeOptions) -> Result<Vec<Value>> {
    let answer = |word: &std::ffi::OsString| {
        if !options.json {
            return Ok(Value::String(LuaString::from(word.as_encoded_bytes())));
        }
        let text = word.to_string_lossy();
        let value: serde_json::Value = serde_json::from_str(&text)
            .with_context(|| format!("the answer {text} is no JSON; a string stands in quotes"))?;
        Ok(to_value(&value)?)
    };
    options.answers.iter().map(answer).collect()
}

/// The task that goes on.
fn choose(mut tasks: Vec<Task>, options: &ResumeOptions) -> Result<Task> {
    if let Some(number) = options.task {
        let found = tasks.into_iter().find(|task| task.id() == Some(number));
        return found.with_context(|| format!("no task {number} waits in it"));
    }
    match tasks.len() {
        0 => bail!("nothing waits in it: the script has ended"),
        1 => Ok(tasks.remove(0)),
        count => bail!("{count} tasks wait in it; name one by --task"),
    }
}
