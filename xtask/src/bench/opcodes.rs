//! The WebAssembly instructions of each instruction of Lua's virtual machine, by statements that execute it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::steady::count;
use crate::{Lua, root};

/// Statements in the body of the measured loop.
const COPIES: usize = 8;

/// Passes of the loop: two runs, whose difference has nothing of the start in it.
const PASSES: [usize; 2] = [1000, 2000];

/// What the statements of `benches/opcodes.txt` use.
const VARIABLES: &str = "local a, b, c, x\nlocal i, j, f, g, s = 6, 3, 6.5, 2.5, 'key'\n\
    local t = setmetatable({ 1, 2, 3, key = 4, [6.5] = 5 }, {})\nlocal C = {} C.__index = C function C.m() end\n\
    local o, one = setmetatable({}, C), { key = 1 }\nG = 5\nlocal abs, select, pcall, next = math.abs, select, pcall, next\n\
    local function fn() end\nlocal function id(v) return v end\nlocal function tail() return fn() end\n\
    local function va(...) return ... end\nlocal go = coroutine.wrap(function() while true do coroutine.yield() end end)\n";

/// A line of the file.
struct Statement<'a> {
    opcodes: &'a str,
    text: &'a str,
}

fn statements(text: &str) -> Result<Vec<Statement<'_>>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let parts = line.split_once(" : ");
            let (opcodes, text) =
                parts.with_context(|| format!("benches/opcodes.txt: {line:?} has no ' : '"))?;
            Ok(Statement { opcodes, text })
        })
        .collect()
}

/// The chunk that executes a statement in a loop; `u` is another function's variable.
fn chunk(statement: &str, passes: usize) -> String {
    let body = format!("do {statement} end\n").repeat(COPIES);
    format!(
        "local u = 5\nlocal function measured()\n{VARIABLES}for _ = 1, {passes} do\n{body}end\nend\nmeasured()\n"
    )
}

/// Prints a table.
pub fn print(lua: Lua, wasmtime: &Path, module: &Path) -> Result<()> {
    let folder = root().join("target/bench/opcodes");
    fs::create_dir_all(&folder)?;
    let before = root().join("benches/before.lua");
    let kernel: PathBuf = folder.join("statement.lua");
    let per_pass = |statement: &str| -> Result<f64> {
        let mut counts = [0.0; 2];
        for (count_of, passes) in counts.iter_mut().zip(PASSES) {
            fs::write(&kernel, chunk(statement, passes))?;
            *count_of = count(wasmtime, module, &before, &kernel).with_context(|| statement.to_string())?;
        }
        Ok((counts[1] - counts[0]) / (PASSES[1] - PASSES[0]) as f64)
    };
    let empty = per_pass("")?;
    println!("{}: WebAssembly instructions, local.get and all, of a statement's opcodes", lua.title());
    println!("{empty:>9.1}  FORLOOP");
    let text = fs::read_to_string(root().join("benches/opcodes.txt"))?;
    for Statement { opcodes, text } in statements(&text)? {
        let each = (per_pass(text)? - empty) / COPIES as f64;
        println!("{each:>9.1}  {opcodes}: {text}");
    }
    println!();
    Ok(())
}
