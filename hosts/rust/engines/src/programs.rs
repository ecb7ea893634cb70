//! The six programs and the chain, on the engine that is shared.

use moonlet::Lua;

macro_rules! programs {
    ($($name:ident $path:literal $expected:literal)*) => {
        $(
            #[path = $path]
            #[allow(dead_code, reason = "what its main calls is called here")]
            mod $name;
        )*

        /// How many of how many programs print what they should. What fails is told on standard error.
        pub fn run() -> (usize, usize) {
            let mut results = Vec::new();
            $({
                let mut out = Vec::new();
                let outcome = $name::run(&mut out).map_err(|error| error.to_string());
                let printed = String::from_utf8_lossy(&out).into_owned();
                let right = outcome.is_ok() && printed == include_str!($expected);
                if !right {
                    eprintln!("{}: {outcome:?}, printed {printed:?}", stringify!($name));
                }
                results.push(right);
            })*
            results.push(chain());
            (results.iter().filter(|right| **right).count(), results.len())
        }
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
#[allow(dead_code, reason = "what its main calls is called here")]
mod links;

/// Whether the chain ends as it should.
fn chain() -> bool {
    let walk = || -> Result<String, Box<dyn std::error::Error>> {
        let lua = Lua::new()?;
        links::start(&lua)?;
        let mut snapshot = lua.snapshot()?;
        for name in ["python", "rust"] {
            let lua = Lua::builder().restore(&snapshot)?;
            links::go(&lua, name)?;
            snapshot = lua.snapshot()?;
        }
        Ok(links::go(&Lua::builder().restore(&snapshot)?, "javascript")?.result()?)
    };
    let result = walk().map_err(|error| error.to_string());
    let right = result.as_deref() == Ok("python, rust, javascript; closed 3 times");
    if !right {
        eprintln!("chain: {result:?}");
    }
    right
}
