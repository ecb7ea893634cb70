//! A script that moves from host to host, and from language to language.
//!
//! chain start OUT         runs rich.lua until it waits for `ask`, and writes the snapshot to OUT
//! chain go NAME IN OUT    answers the call that waits in IN with NAME and the values that it was given, runs on until the script
//!                         waits again and writes the snapshot to OUT, or prints its result

use std::error::Error;
use std::fs;

use moonlet::{Lua, Task, TaskKind, Value, Variadic};

const SOURCE: &str = include_str!("../../programs/rich.lua");

/// Runs the script until it waits.
pub fn start(lua: &Lua) -> moonlet::Result<Task> {
    lua.define_waiting("ask")?;
    lua.load(SOURCE).name("@rich.lua").start(())
}

/// Answers the one call that waits.
pub fn go(lua: &Lua, name: &str) -> Result<Task, Box<dyn Error>> {
    let mut task = lua.tasks()?.pop().ok_or("no task waits")?;
    let (_, Variadic(values)): (i64, Variadic<Value>) = task.arguments()?;
    let answers = [Value::from(name)].into_iter().chain(values).collect();
    task.resume(Variadic::<Value>(answers))?;
    Ok(task)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (lua, task, out) = match &arguments[..] {
        [command, out] if command == "start" => {
            let lua = Lua::new()?;
            let task = start(&lua)?;
            (lua, task, out)
        }
        [command, name, from, out] if command == "go" => {
            let lua = Lua::builder().restore(&fs::read(from)?)?;
            let task = go(&lua, name)?;
            (lua, task, out)
        }
        _ => return Err("chain start OUT | chain go NAME IN OUT".into()),
    };
    match task.kind() {
        TaskKind::Done => println!("{}", task.result::<String>()?),
        _ => fs::write(out, lua.snapshot()?)?,
    }
    Ok(())
}
