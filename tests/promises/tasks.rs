//! Tasks: suspended from wherever the script is, answered in any order, ended by the host; and nothing of it shows in the
//! script.

use moonlet_tests::{Lua, Run, status};
use rmpv::Value;

#[path = "tasks/calls.rs"]
mod calls;
#[path = "tasks/limits.rs"]
mod limits;
#[path = "tasks/places.rs"]
mod places;
#[path = "tasks/waiting.rs"]
mod waiting;

pub fn pack(values: &[Value]) -> Vec<u8> {
    one(&Value::Array(values.to_vec()))
}

fn one(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("a Vec takes all");
    bytes
}

fn unpack(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = rmpv::decode::read_value(&mut rest).expect("MessagePack");
    assert!(rest.is_empty(), "bytes after the value");
    value
}

/// The values of a request.
fn request(run: &Run) -> Vec<Value> {
    assert_eq!(run.status(), status::YIELD, "{}", run.text());
    unpack(&run.result).as_array().expect("an array").clone()
}

/// A field of the map that an error is in FORMAT 1.
fn field(run: &Run, key: &str) -> Option<Value> {
    let map = unpack(&run.result);
    let map = map.as_map().expect("a map");
    map.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value.clone())
}

/// Answers each host call with its own arguments, or with an error where its name is `fail`, until the task ends.
fn echo(lua: &mut Lua, first: Run) -> (Run, u32) {
    let mut run = first;
    let mut calls = 0;
    while run.status() == status::YIELD {
        calls += 1;
        let values = request(&run);
        let task = lua.task();
        let mut output = std::mem::take(&mut run.output);
        run = match values[0].as_str() {
            Some("fail") => lua.raise(task, &one(&values[1])),
            _ => lua.resume(task, &pack(&values[1..])),
        };
        output.append(&mut run.output);
        run.output = output;
    }
    (run, calls)
}

/// Runs a chunk that makes a host call; the task that waits.
fn suspended(lua: &mut Lua, source: &str) -> i32 {
    let run = lua.run(source);
    assert_eq!(run.status(), status::YIELD, "{source}: {}", run.text());
    lua.task()
}
