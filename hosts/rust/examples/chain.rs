//! A script that moves from host to host, and from language to language.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::Parser;
use moonlet::{Lua, Task, TaskKind, Value, Variadic};

/// Carries the script rich.lua from host to host.
#[derive(Parser)]
#[command(name = "chain")]
enum Arguments {
    /// Runs the script until it waits for `ask`, and writes the snapshot to OUT.
    Start { out: PathBuf },
    /// Answers the call that waits in IN with NAME and the values that it was given, runs on until the script waits again and writes
    /// the snapshot to OUT, or prints its result.
    Go {
        name: String,
        #[arg(value_name = "IN")]
        from: PathBuf,
        out: PathBuf,
    },
}

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
    let (lua, task, out) = match Arguments::parse() {
        Arguments::Start { out } => {
            let lua = Lua::new()?;
            let task = start(&lua)?;
            (lua, task, out)
        }
        Arguments::Go { name, from, out } => {
            let lua = Lua::builder().restore(&fs::read(from)?)?;
            let task = go(&lua, &name)?;
            (lua, task, out)
        }
    };
    match task.kind() {
        TaskKind::Done => println!("{}", task.result::<String>()?),
        _ => fs::write(out, lua.snapshot()?)?,
    }
    Ok(())
}
