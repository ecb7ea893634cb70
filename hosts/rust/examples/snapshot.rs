//! A script that waits is saved, and goes on in another state.

use std::error::Error;
use std::io::{self, Write};

use moonlet::{Lua, Task};

const SOURCE: &str = include_str!("../../programs/snapshot.lua");

fn show(out: &mut impl Write, task: &Task) -> Result<(), Box<dyn Error>> {
    writeln!(out, "asked: {}", task.arguments::<String>()?)?;
    Ok(())
}

pub fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let lua = Lua::new()?;
    lua.define_waiting("ask")?;
    let task = lua.start(SOURCE)?;
    show(out, &task)?;
    let snapshot = lua.snapshot()?;
    lua.close();
    writeln!(out, "the snapshot is taken, the first instance closed")?;

    let lua = Lua::builder().restore(&snapshot)?;
    let mut task = lua.tasks()?.pop().ok_or("no task waits")?;
    show(out, &task)?;
    task.resume("Arthur")?;
    show(out, &task)?;
    task.resume("the grail")?;
    writeln!(out, "{}", task.result::<String>()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
