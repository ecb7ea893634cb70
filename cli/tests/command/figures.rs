//! How long the command takes, beside `lua`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::Folder;

/// A second of work of several kinds.
const SECOND: &str = "\
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local values, parts = {}, {}
for i = 1, 200000 do values[i] = (i * 7919) % 100003 end
table.sort(values)
for i = 1, 200000 do parts[#parts + 1] = ('%d:%s'):format(i, values[i]) end
local digits = 0
for word in table.concat(parts, ','):gmatch('%d+') do digits = digits + #word end
local point, sum = {}, 0
point.__index = point
for i = 1, 2000000 do sum = sum + setmetatable({x = i}, point).x end
print(fib(30), digits, sum)
";

/// The median of some runs.
fn median(command: &mut Command, runs: usize) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("it runs");
            assert!(status.success());
            began.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

#[test]
#[ignore = "prints figures: make cli-test"]
fn startup_and_a_second_of_work() {
    let folder = Folder::new().with("hello.lua", "print('hello')").with("second.lua", SECOND);
    let native = std::env::var("LUA").unwrap_or_else(|_| "lua5.4".into());
    let has_native = Command::new(&native).arg("-v").stdout(Stdio::null()).status().is_ok();
    for (script, runs) in [("hello.lua", 101), ("second.lua", 5)] {
        let lua =
            has_native.then(|| median(Command::new(&native).arg(script).current_dir(folder.path("")), runs));
        for version in ["5.4", "5.5"] {
            let ours = median(&mut folder.command(&["--lua", version, script]), runs);
            let milliseconds = ours.as_secs_f64() * 1e3;
            match lua {
                Some(lua) => println!(
                    "{script}, Lua {version}: {milliseconds:.1} ms, {native} {:.1} ms, {:.2} times",
                    lua.as_secs_f64() * 1e3,
                    ours.as_secs_f64() / lua.as_secs_f64()
                ),
                None => println!(
                    "{script}, Lua {version}: {milliseconds:.1} ms ({native} is not there; name one by LUA=)"
                ),
            }
        }
    }
}
