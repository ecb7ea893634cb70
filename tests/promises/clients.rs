//! Other modules can use ours directly: two clients in wat run Lua without any host code.

use moonlet_tests::Version;
use wasmtime::{Linker, Module, Store};

/// Links the client of that source to our module and calls its export `run`.
fn run_client(version: Version, wat: &str) -> i32 {
    let ours = version.module();
    let client = Module::new(ours.engine(), wat::parse_str(wat).expect("valid wat")).expect("a valid client");
    let mut linker = Linker::new(ours.engine());
    let mut store = Store::new(ours.engine(), ());
    linker.module(&mut store, "moonlet", ours).expect("our module links as it is");
    let instance = linker.instantiate(&mut store, &client).expect("the client finds all it imports");
    instance.get_typed_func::<(), i32>(&mut store, "run").expect("run").call(&mut store, ()).expect("no trap")
}

for_each_version! {
    fn a_client_runs_lua(version: Version) {
        // 6 * 7 as text: '4' | '2' << 8.
        let answer = run_client(version, include_str!("../wat/immediate.wat"));
        assert_eq!(answer.to_le_bytes(), *b"42\0\0");
    }

    fn a_client_keeps_state_in_lua(version: Version) {
        // The sum of 1 to 100, kept in a global of Lua between the calls.
        assert_eq!(run_client(version, include_str!("../wat/accumulate.wat")), 5050);
    }

    fn a_client_sees_errors_as_negative_statuses(version: Version) {
        // "error(ni", "l)  " in place of "return 6", " * 7".
        let wat = include_str!("../wat/immediate.wat")
            .replace("0x36206e7275746572", "0x696e28726f727265")
            .replace("0x37202a20", "0x2020296c");
        assert_eq!(run_client(version, &wat), -2);
    }
}
