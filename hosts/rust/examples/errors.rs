//! What errors of scripts tell.

use std::error::Error;
use std::io::{self, Write};

use moonlet::{Lua, Value};

const SOURCE: &str = include_str!("../../programs/errors.lua");

pub fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let lua = Lua::builder().memory(8 << 20).build()?;
    lua.load(SOURCE).name("@errors.lua").exec()?;
    let error = |source: &str| match lua.load(source).name("=input").exec() {
        Ok(()) => Err(format!("{source} ended without an error")),
        Err(error) => Ok(error),
    };

    let syntax = error("return 1 +")?;
    writeln!(out, "{}: {syntax}", syntax.kind())?;

    let runtime = error("index({})")?;
    writeln!(out, "{}: {runtime}", runtime.kind())?;
    let (chunk, line) = (runtime.chunk().unwrap_or("?"), runtime.line().unwrap_or(0));
    let named = runtime.traceback().is_some_and(|traceback| traceback.contains("in function 'index'"));
    writeln!(out, "at {chunk}, line {line}, the traceback names function 'index': {named}")?;

    let refusal = error("refuse()")?;
    writeln!(out, "{}: {refusal}", refusal.kind())?;
    let field = |key| refusal.value().and_then(|value| value.get(key));
    if let (Some(Value::Integer(code)), Some(reason)) =
        (field("code"), field("reason").and_then(Value::as_str))
    {
        writeln!(out, "code {code}, reason {reason}")?;
    }

    let memory = error("fill()")?;
    writeln!(out, "{}: {memory}", memory.kind())?;
    writeln!(out, "{}", lua.eval::<i64>("return 2 + 2")?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
