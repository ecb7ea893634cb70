//! How long the command takes, beside `lua`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Folder, MOONLET};

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

/// The median of each command's runs, which come in turns.
fn medians(commands: &mut [Command], runs: usize) -> Vec<Duration> {
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..runs {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let began = Instant::now();
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("it runs");
            assert!(status.success());
            times.push(began.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    times.iter().map(|times| times[runs / 2]).collect()
}

#[test]
#[ignore = "prints figures: make cli-test"]
fn startup_and_a_second_of_work() {
    let folder = Folder::new().with("hello.lua", "print('hello')").with("second.lua", SECOND);
    let native = std::env::var("LUA").unwrap_or_else(|_| "lua5.4".into());
    let has_native = Command::new(&native).arg("-v").stdout(Stdio::null()).status().is_ok();
    // As it is when it is installed: a file written by a linker is read in smaller pieces, which takes 0.2 ms.
    let installed = folder.path("moonlet");
    std::fs::copy(MOONLET, &installed).expect("room for the command");
    for (script, runs) in [("hello.lua", 301), ("second.lua", 5)] {
        let ours = |version| folder.command_of(&installed, &["--lua", version, script]);
        let mut commands = vec![ours("5.4"), ours("5.5")];
        if has_native {
            let mut command = Command::new(&native);
            command.arg(script).current_dir(folder.path(""));
            commands.push(command);
        }
        let times: Vec<f64> =
            medians(&mut commands, runs).iter().map(|time| time.as_secs_f64() * 1e3).collect();
        for (version, ours) in ["5.4", "5.5"].iter().zip(&times) {
            match times.get(2) {
                Some(lua) => println!(
                    "{script}, Lua {version}: {ours:.2} ms, {native} {lua:.2} ms, {:.2} times",
                    ours / lua
                ),
                None => println!(
                    "{script}, Lua {version}: {ours:.2} ms ({native} is not there; name one by LUA=)"
                ),
            }
        }
    }
}
