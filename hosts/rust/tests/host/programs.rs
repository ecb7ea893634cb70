//! The programs that every host package has print what hosts/programs says.

use moonlet::{Lua, TaskKind};

macro_rules! programs {
    ($($name:ident $path:literal $expected:literal)*) => {
        $(
            #[path = $path]
            #[allow(dead_code, reason = "the test calls what its main calls")]
            mod $name;

            #[test]
            fn $name() {
                let mut out = Vec::new();
                $name::run(&mut out).expect("the program runs");
                assert_eq!(String::from_utf8_lossy(&out), include_str!($expected));
            }
        )*
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
#[allow(dead_code, reason = "the test calls what its main calls")]
mod chain;

/// Each link in a state of its own, as it would be in a process of its own.
#[test]
fn the_chain_carries_the_rich_workload() {
    let lua = Lua::new().expect("a state");
    let task = chain::start(&lua).expect("the script waits");
    assert_eq!(task.kind(), TaskKind::Call);
    let mut snapshot = lua.snapshot().expect("a snapshot");
    for name in ["python", "rust", "javascript"] {
        let lua = Lua::builder().restore(&snapshot).expect("restored");
        let task = chain::go(&lua, name).expect("the script goes on");
        if name == "javascript" {
            let result = task.result::<String>().expect("a result");
            assert_eq!(result, "python, rust, javascript; closed 3 times");
        }
        snapshot = lua.snapshot().expect("a snapshot");
    }
}
