//! Evaluates a script, and calls a function of it.

use std::error::Error;
use std::io::{self, Write};

use moonlet::Lua;

const SOURCE: &str = include_str!("../../programs/hello.lua");

pub fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let lua = Lua::new()?;
    let answer: i64 = lua.eval(SOURCE)?;
    writeln!(out, "{answer}")?;
    let greeting: String = lua.call("greet", "world")?;
    writeln!(out, "{greeting}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
