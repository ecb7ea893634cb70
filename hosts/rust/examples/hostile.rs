//! Scripts that never end by themselves, each ended by a limit.

use std::error::Error;
use std::io::{self, Write};

use moonlet::Lua;

const SOURCE: &str = include_str!("../../programs/hostile.lua");

pub fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let lua = Lua::builder().memory(8 << 20).fuel(10_000_000).build()?;
    lua.load(SOURCE).name("@hostile.lua").exec()?;
    for name in ["spin", "fill", "match", "recurse"] {
        match lua.call::<()>(name, ()) {
            Ok(()) => writeln!(out, "{name}: ended by itself")?,
            Err(error) => writeln!(out, "{name}: {}", error.kind())?,
        }
    }
    writeln!(out, "{}", lua.eval::<i64>("return 2 + 2")?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
