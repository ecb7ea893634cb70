//! A task that is paused, while others go on.

use std::error::Error;
use std::io::{self, Write};

use moonlet::{Lua, TaskKind};

const SOURCE: &str = include_str!("../../programs/pause.lua");

pub fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let lua = Lua::builder().slice(10_000).build()?;
    let mut task = lua.start(SOURCE)?;
    let mut pauses = 0;
    while task.kind() == TaskKind::Paused {
        if pauses == 0 {
            writeln!(out, "paused, meanwhile 1 + 1 is {}", lua.eval::<i64>("return 1 + 1")?)?;
        }
        pauses += 1;
        task.resume(())?;
    }
    writeln!(out, "paused more than once: {}", pauses > 1)?;
    writeln!(out, "{}", task.result::<i64>()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
