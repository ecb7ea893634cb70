//! Fuel pays for every function: calls of each with extreme arguments, and the engine's own instructions for each unit that they
//! took, which are at most 16 times those of an empty loop.
//!
//! The functions are those that an instance says it has, and tests/charges/functions.txt must name each of them. `make hostile`
//! makes many calls and prints a table; `make test` a few.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use moonlet_tests::{Lua, Random, Version, option, status};

const FUNCTIONS: &str = include_str!("charges/functions.txt");
const ARGUMENTS: &str = include_str!("charges/arguments.txt");
const VALUES: &str = include_str!("charges/values.lua");
const NAMES: &str = include_str!("charges/names.lua");

/// How many times the instructions of an empty loop a unit may stand for.
const BOUND: f64 = 16.0;

/// Calls of each line of functions.txt; of one function a hundred times as many.
const ROUNDS: u64 = 2;

const MEMORY: f64 = 67_108_864.0;

/// What a measured run may use; one that reaches it is measured just as well.
const FUEL: f64 = 200_000.0;

/// So many units are enough for a steady figure.
const ENOUGH: f64 = 4_000.0;

/// What the end of a run may take by itself, which `os.exit` is.
const END: f64 = 100.0;

/// Lines that are neither empty nor comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The groups of arguments.txt.
fn groups() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut groups = BTreeMap::new();
    let mut current = "";
    for line in lines(ARGUMENTS) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            current = name;
        } else {
            groups.entry(current).or_insert_with(Vec::new).push(line);
        }
    }
    groups
}

/// A line of functions.txt.
struct Line {
    name: &'static str,
    arguments: Vec<&'static str>,
    statement: Option<&'static str>,
}

fn table() -> Vec<Line> {
    lines(FUNCTIONS)
        .map(|line| {
            let mut parts = line.split(" : ");
            let name = parts.next().expect("a name").trim();
            let arguments = parts.next().unwrap_or_default().split_whitespace().collect();
            Line { name, arguments, statement: parts.next() }
        })
        .collect()
}

impl Line {
    /// Whether it stands for what the language does by itself.
    fn is_operation(&self) -> bool {
        self.statement.is_some_and(|statement| !statement.contains("f("))
    }

    /// What the table of the report counts it to.
    fn library(&self) -> &'static str {
        match self.name.split_once('.') {
            _ if self.is_operation() => "operations",
            Some(("getmetatable(io", _)) => "files",
            Some(("getmetatable(host", _)) => "host",
            Some((library, _)) if library.starts_with("getmetatable") => "string",
            Some((library, _)) => library,
            None => "base",
        }
    }

    /// Expressions for its arguments.
    fn draw(&self, groups: &BTreeMap<&str, Vec<&'static str>>, random: &mut Random) -> Vec<&'static str> {
        let mut drawn = Vec::new();
        for argument in &self.arguments {
            let group = argument.trim_end_matches(['?', '*']);
            let choices = groups.get(group).unwrap_or_else(|| panic!("{}: no group {group}", self.name));
            if argument.ends_with('?') && random.below(4) == 0 {
                break;
            }
            let count = if argument.ends_with('*') { random.below(4) } else { 1 };
            drawn.extend((0..count).map(|_| *random.pick(choices)));
        }
        drawn
    }
}

/// The names of all functions that an instance has.
fn names(version: Version) -> BTreeSet<String> {
    let mut lua = everything(Lua::new(version));
    lua.eval(NAMES).lines().map(String::from).collect()
}

/// With every library there is, `debug` as a whole among them.
fn everything(mut lua: Lua) -> Lua {
    let all = lua.get(option::LIBRARIES);
    let whole = f64::from(1 << 12);
    if all < whole && lua.set(option::LIBRARIES, all + whole) != status::OK {
        lua.set(option::LIBRARIES, all);
    }
    lua
}

/// What a run took.
#[derive(Clone, Copy)]
struct Figures {
    status: i32,
    instructions: f64,
    units: f64,
    time: Duration,
}

fn measure(lua: &mut Lua, source: &str) -> Figures {
    let buffer = lua.put(source.as_bytes());
    let fuel = lua.store.get_fuel().expect("an engine with fuel");
    let start = Instant::now();
    let mut answer: i32 = lua.call("compute", buffer);
    let mut calls = 0;
    while answer == -status::YIELD {
        calls += 1;
        let task = lua.task();
        answer = if calls < 1000 { lua.call("resume", (task, 0, 0)) } else { -lua.cancel(task) };
    }
    let (time, left) = (start.elapsed(), lua.store.get_fuel().expect("an engine with fuel"));
    let units = lua.get(option::FUEL_USED);
    lua.take(buffer);
    Figures { status: -answer.min(0), instructions: (fuel - left) as f64, units, time }
}

/// What a unit stands for.
#[derive(Clone, Copy)]
struct Rate {
    instructions: f64,
    nanoseconds: f64,
}

impl Rate {
    /// Of the difference of two runs.
    fn between(one: Figures, other: Figures) -> Self {
        let units = (other.units - one.units).max(0.0) + END;
        Rate {
            instructions: (other.instructions - one.instructions) / units,
            nanoseconds: other.time.saturating_sub(one.time).as_nanos() as f64 / units,
        }
    }
}

/// An empty loop.
fn loop_rate(version: Version) -> Rate {
    let mut lua = Lua::metered(version);
    let mut run = |fuel: f64| {
        lua.set(option::FUEL, fuel);
        measure(&mut lua, "while true do end")
    };
    Rate::between(run(1000.0), run(2_000_000.0))
}

/// A call in an instance of its own.
fn rate(version: Version, line: &Line, arguments: &[&str]) -> Rate {
    let mut lua = everything(Lua::metered(version));
    lua.set(option::MEMORY, MEMORY);
    lua.eval(VALUES);
    let list: Vec<String> = (1..=arguments.len()).map(|number| format!("a{number}")).collect();
    let statement = line.statement.map_or_else(|| format!("f({})", list.join(", ")), String::from);
    let function = if line.is_operation() { "nil" } else { line.name };
    let setup = format!(
        "local f, a1, a2, a3, a4, a5, a6, a7, a8, a9 = {function}{}
        function plain(n) for i = 1, n do {statement} end end
        function caught(n)
          local g, pcall = function() {statement} end, pcall
          for i = 1, n do pcall(g) end
        end
        collectgarbage()",
        arguments.iter().map(|argument| format!(", ({argument})")).collect::<String>()
    );
    let ready = lua.run(setup);
    assert!(ready.answer >= 0, "{}({}): {}", line.name, arguments.join(", "), ready.text());
    lua.set(option::FUEL, FUEL);
    let mut form = "plain";
    let mut none = measure(&mut lua, "plain(0)");
    let mut some = measure(&mut lua, "plain(1)");
    if some.status == status::ERRRUN {
        form = "caught";
        none = measure(&mut lua, "caught(0)");
        some = measure(&mut lua, "caught(1)");
    }
    let each = (some.units - none.units).max(1.0);
    if matches!(some.status, status::OK | status::ERRRUN) && each < ENOUGH {
        some = measure(&mut lua, &format!("{form}({})", (ENOUGH / each).ceil()));
    }
    lua.set(option::FUEL, 0.0);
    lua.assert_usable();
    Rate::between(none, some)
}

/// A call and its rate, in times that of the empty loop.
struct Measured {
    library: &'static str,
    call: String,
    instructions: f64,
    nanoseconds: f64,
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn shown(call: &str) -> String {
    const MOST: usize = 150;
    if call.len() <= MOST { call.to_string() } else { format!("{}...", &call[..MOST]) }
}

fn report(version: Version, measured: &mut [Measured], functions: usize) {
    const SHOWN: usize = 3;
    measured.sort_by(|one, other| other.instructions.total_cmp(&one.instructions));
    let libraries: BTreeSet<&str> = measured.iter().map(|one| one.library).collect();
    println!(
        "{version:?}: instructions of a unit, and its time, in times those of an empty loop; the worst calls:"
    );
    for library in libraries {
        for one in measured.iter().filter(|one| one.library == library).take(SHOWN) {
            println!("  {:6.1} {:6.1}  {library:10} {}", one.instructions, one.nanoseconds, shown(&one.call));
        }
    }
    let worst = measured.first().map_or(0.0, |one| one.instructions);
    let count = measured.len();
    measured.sort_by(|one, other| other.nanoseconds.total_cmp(&one.nanoseconds));
    println!("{version:?}: by time, worst:");
    for one in measured.iter().take(2 * SHOWN) {
        println!(
            "  {:6.1} {:6.1}  {:10} {}",
            one.instructions,
            one.nanoseconds,
            one.library,
            shown(&one.call)
        );
    }
    println!(
        "{version:?}: {count} calls of {functions} functions and operations: a unit is at most {worst:.1} times the \
         instructions of one in an empty loop"
    );
}

fn every_call_is_paid_for(version: Version) {
    let names = names(version);
    let only = std::env::var("FUNCTION").ok();
    let wanted = |line: &Line| {
        (line.is_operation() || names.contains(line.name))
            && only.as_ref().is_none_or(|only| line.name.contains(only.as_str()))
    };
    let (table, groups) = (table(), groups());
    let lines: Vec<&Line> = table.iter().filter(|line| wanted(line)).collect();
    let mut random = Random(setting("SEED", 1));
    let rounds = setting("ROUNDS", if only.is_some() { 100 * ROUNDS } else { ROUNDS });
    let empty = loop_rate(version);
    println!(
        "{version:?}: {:.0} instructions and {:.1} ns for a unit in an empty loop",
        empty.instructions, empty.nanoseconds
    );
    let mut measured = Vec::new();
    for line in &lines {
        let mut tried = BTreeSet::new();
        for _ in 0..rounds {
            let arguments = line.draw(&groups, &mut random);
            if !tried.insert(arguments.clone()) {
                continue;
            }
            let mut rate = rate(version, line, &arguments);
            for _ in 0..3 {
                // Other programs may have had the processor meanwhile.
                if rate.nanoseconds > BOUND * empty.nanoseconds {
                    rate.nanoseconds =
                        rate.nanoseconds.min(self::rate(version, line, &arguments).nanoseconds);
                }
            }
            measured.push(Measured {
                library: line.library(),
                call: format!("{}({})", line.name, arguments.join(", ")),
                instructions: rate.instructions / empty.instructions,
                nanoseconds: rate.nanoseconds / empty.nanoseconds,
            });
        }
    }
    let functions: BTreeSet<&str> = lines.iter().map(|line| line.name).collect();
    report(version, &mut measured, functions.len());
    let mut worst = BTreeMap::new();
    for one in measured.iter().filter(|one| one.instructions > BOUND) {
        let name = one.call.split_once('(').map_or("", |(name, _)| name);
        let entry = worst.entry(name).or_insert(one);
        if one.instructions > entry.instructions {
            *entry = one;
        }
    }
    let failures: Vec<String> =
        worst.values().map(|one| format!("{:.1} times: {}", one.instructions, one.call)).collect();
    assert!(failures.is_empty(), "{version:?}, more than {BOUND} times:\n{}", failures.join("\n"));
}

#[test]
fn every_function_has_a_line() {
    let known: BTreeSet<&str> =
        table().iter().filter(|line| !line.is_operation()).map(|line| line.name).collect();
    let mut there = BTreeSet::new();
    for version in Version::ALL {
        let names = names(version);
        let missing: Vec<&String> = names.iter().filter(|name| !known.contains(name.as_str())).collect();
        assert!(missing.is_empty(), "{version:?}: tests/charges/functions.txt lacks {missing:?}");
        assert!(names.len() > 140, "{version:?}: {} functions", names.len());
        there.extend(names);
    }
    let gone: Vec<&&str> = known.iter().filter(|name| !there.contains(**name)).collect();
    assert!(gone.is_empty(), "tests/charges/functions.txt names {gone:?}, which no version has");
}

#[test]
fn every_call_is_paid_for_lua54() {
    every_call_is_paid_for(Version::Lua54);
}

#[test]
fn every_call_is_paid_for_lua55() {
    every_call_is_paid_for(Version::Lua55);
}
