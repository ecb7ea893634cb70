//! The programs that every host package has print what hosts/programs says.

use std::error::Error;

use moonlet::{Lua, TaskKind};

/// What a program does, what it is to print, and its name.
type Program = (&'static str, fn(&mut Vec<u8>) -> Result<(), Box<dyn Error>>, &'static str);

macro_rules! programs {
    ($($name:ident $path:literal $expected:literal)*) => {
        $(
            #[path = $path]
            #[allow(dead_code, reason = "the programs are called here, not their main")]
            mod $name;
        )*

        const PROGRAMS: &[Program] = &[$((stringify!($name), $name::run, include_str!($expected)),)*];
    };
}

programs! {
    hello "../../examples/hello.rs" "../../../programs/hello.txt"
    errors "../../examples/errors.rs" "../../../programs/errors.txt"
    host_calls "../../examples/host-calls.rs" "../../../programs/host-calls.txt"
    hostile "../../examples/hostile.rs" "../../../programs/hostile.txt"
    pause "../../examples/pause.rs" "../../../programs/pause.txt"
    snapshot "../../examples/snapshot.rs" "../../../programs/snapshot.txt"
}

#[path = "../../examples/chain.rs"]
#[allow(dead_code, reason = "its links are called here, not its main")]
mod chain;

/// Runs them all on the engine that is shared, and the chain with each link in a state of its own, as it would be in a process of its own:
/// how many there are, and what is wrong with some.
pub fn run() -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    for (name, run, expected) in PROGRAMS {
        let mut out = Vec::new();
        let outcome = run(&mut out).map_err(|error| error.to_string());
        let printed = String::from_utf8_lossy(&out);
        if outcome.is_err() || printed != *expected {
            wrong.push(format!("{name}: {outcome:?}, printed {printed:?}"));
        }
    }
    let end = walk().map_err(|error| error.to_string());
    if end.as_deref() != Ok("python, rust, javascript; closed 3 times") {
        wrong.push(format!("chain: {end:?}"));
    }
    (PROGRAMS.len() + 1, wrong)
}

fn walk() -> Result<String, Box<dyn Error>> {
    let mut lua = Lua::new()?;
    let mut task = chain::start(&lua)?;
    for name in ["python", "rust", "javascript"] {
        assert_eq!(task.kind(), TaskKind::Call);
        let snapshot = lua.snapshot()?;
        lua = Lua::builder().restore(&snapshot)?;
        task = chain::go(&lua, name)?;
    }
    Ok(task.result()?)
}

#[test]
fn the_programs_print_what_they_should() {
    assert_eq!(run(), (7, Vec::new()));
}
