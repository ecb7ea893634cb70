//! `make hooks`: the module without one hook of `src/lua` at a time, and the test that falls then.
//!
//! A hook is a piece of a header there that begins with a comment `/* [name] ...` and ends before the next one, an empty line, or the
//! end of the condition it stands in. The table of `src/lua/README.md` says for each which test misses it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::module::Variant;
use crate::{Lua, check, module, root};

/// A test that still runs after this long has met something that no longer ends.
const PATIENCE: Duration = Duration::from_secs(150);

/// What a row of the table says.
pub struct Hook {
    pub name: String,
    /// The version of Lua, and the variant of the module, that show it.
    lua: Lua,
    variant: Variant,
    falls: Falls,
}

enum Falls {
    /// The module cannot even be built.
    Build,
    /// A test of that program, with settings of its environment.
    Test { program: String, filter: String, settings: Vec<(String, String)> },
}

fn folder() -> PathBuf {
    root().join("src/lua")
}

/// The headers that hold hooks, and their texts.
fn headers() -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "h") {
            let name = path.file_name().context("a file's name")?.to_string_lossy().into_owned();
            headers.push((name, fs::read_to_string(path)?));
        }
    }
    headers.sort();
    Ok(headers)
}

/// The name of the hook that a line begins.
fn begins(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("/* [")?.split_once(']').map(|(name, _)| name)
}

/// A header without the pieces of one hook; `None` when it has none.
fn without(text: &str, hook: &str) -> Option<String> {
    let mut kept = String::new();
    let mut depth = None;
    let mut found = false;
    for line in text.lines() {
        let word = line.trim_start();
        let (opens, closes) = (word.starts_with("#if"), word.starts_with("#endif"));
        let turns = word.starts_with("#else") || word.starts_with("#elif");
        if begins(line).is_some() || line.is_empty() || depth == Some(0) && (closes || turns) {
            depth = None;
        }
        if begins(line) == Some(hook) {
            depth = Some(0);
            found = true;
        }
        match &mut depth {
            Some(depth) => *depth = *depth + i32::from(opens) - i32::from(closes),
            None => {
                kept += line;
                kept.push('\n');
            }
        }
    }
    found.then_some(kept)
}

/// The rows of the table.
fn table() -> Result<Vec<Hook>> {
    let path = folder().join("README.md");
    let text = fs::read_to_string(&path).with_context(|| format!("{} holds the table", path.display()))?;
    let (_, rows) = text.split_once("\n## Hooks\n").context("the README has a heading for the hooks")?;
    rows.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

fn row(line: &str) -> Result<Hook> {
    let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [name, _, _, falls] = cells[..] else { bail!("a row needs four cells: {line}") };
    hook(name.trim_matches('`'), falls)
}

/// A hook, and what falls without it.
fn hook(name: &str, falls: &str) -> Result<Hook> {
    let mut words: Vec<&str> = falls.trim_matches(['`', ' ', '|']).split(' ').collect();
    let lua = if words.first() == Some(&"lua55") {
        words.remove(0);
        Lua::Lua55
    } else {
        Lua::Lua54
    };
    let variant = if words.first() == Some(&"mini") {
        words.remove(0);
        Variant::Mini
    } else {
        Variant::Full
    };
    let settings = words.iter().filter_map(|word| word.split_once('='));
    let settings: Vec<_> = settings.map(|(name, value)| (name.into(), value.into())).collect();
    words.retain(|word| !word.contains('='));
    let falls = match words[..] {
        ["build"] => Falls::Build,
        [program] => Falls::Test { program: program.into(), filter: String::new(), settings },
        [program, filter] => Falls::Test { program: program.into(), filter: filter.into(), settings },
        _ => bail!("a test is `program filter SETTING=value`, or `build`: {falls}"),
    };
    Ok(Hook { name: name.into(), lua, variant, falls })
}

/// Every hook of the headers, which must be those of the table.
pub fn all() -> Result<Vec<Hook>> {
    let table = table()?;
    let listed: BTreeSet<String> = table.iter().map(|hook| hook.name.clone()).collect();
    ensure!(listed.len() == table.len(), "a hook stands twice in src/lua/README.md");
    let mut found = BTreeSet::new();
    for (_, text) in headers()? {
        found.extend(text.lines().filter_map(begins).map(String::from));
    }
    ensure!(
        listed == found,
        "src/lua/README.md and the headers name other hooks: {:?}",
        listed.symmetric_difference(&found).collect::<Vec<_>>()
    );
    Ok(table)
}

/// Writes the headers without a hook; the folder, for build.rs.
fn write_without(hook: &str) -> Result<PathBuf> {
    let to = root().join("target/hooks/include");
    fs::create_dir_all(&to)?;
    let mut found = false;
    for (name, text) in headers()? {
        let changed = without(&text, hook);
        found |= changed.is_some();
        let (path, text) = (to.join(name), changed.unwrap_or(text));
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(path, text)?;
        }
    }
    ensure!(found, "no header has a hook named {hook}");
    Ok(to)
}

/// Waits for a program, which is stopped when it takes too long.
fn wait(mut child: Child) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// The first thing that a failed test says.
fn complaint(log: &str) -> String {
    let mut lines = log.lines().skip_while(|line| !line.contains("panicked at")).skip(1);
    lines.find(|line| !line.is_empty()).unwrap_or("it ended without a word").chars().take(120).collect()
}

/// How the module without a hook falls; `None` when nothing misses it.
fn try_without(hook: &Hook) -> Result<Option<String>> {
    let headers = write_without(&hook.name)?;
    let needs_faults = matches!(&hook.falls, Falls::Test { program, .. } if program == "faults");
    let measures = matches!(&hook.falls, Falls::Test { filter, .. } if filter.contains("steady"));
    let built = module::build_without(hook.lua, hook.variant, &headers, needs_faults, measures)?;
    let (true, Falls::Test { program, filter, settings }) = (built, &hook.falls) else {
        return Ok((!built).then(|| "it cannot be built".to_string()));
    };
    let log = root().join("target/hooks").join(format!("{}.log", hook.name));
    let mut command = test_program(program)?;
    let version = hook.lua.name();
    command
        .args([filter.as_str(), "--test-threads=2"])
        .env("MOONLET_WITHOUT", version)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(fs::File::create(&log)?)
        .stderr(Stdio::null());
    if hook.variant == Variant::Mini {
        command.env("MOONLET_MINI", "1");
    }
    // Its tests of the other version read another module.
    let status = wait(command.spawn()?)?;
    let printed = fs::read_to_string(&log)?;
    ensure!(!printed.contains("running 0 tests"), "{program} has no test {filter}");
    Ok(match status {
        None => Some(format!("{program} {filter} does not end")),
        Some(status) if status.success() => None,
        Some(_) => Some(complaint(&printed)),
    })
}

/// The built test program of that name.
fn test_program(name: &str) -> Result<Command> {
    let output = check::all_packages("test")
        .args(["--no-run", "--message-format=json", "--test", name])
        .stderr(Stdio::null())
        .output()?;
    let path = String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|message| message["target"]["name"] == name && message["executable"].is_string())
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
        .with_context(|| format!("there is no test program {name}"))?;
    let mut command = Command::new(path);
    command.current_dir(root().join("tests"));
    check::tell_tools(&mut command)?;
    Ok(command)
}

/// Leaves out one hook, and says what each of these tests makes of that.
pub fn try_tests(name: &str, tests: &[String]) -> Result<()> {
    for test in tests {
        let falls = try_without(&hook(name, test)?)?;
        println!("without {name}, {test}: {}", falls.as_deref().unwrap_or("nothing falls"));
    }
    Ok(())
}

/// Leaves out each hook in turn, or only the one named, and says what falls then; fails when nothing does.
pub fn hooks(only: Option<&str>) -> Result<()> {
    let all = all()?;
    let chosen: Vec<&Hook> = all.iter().filter(|hook| only.is_none_or(|only| hook.name == only)).collect();
    ensure!(!chosen.is_empty(), "src/lua/README.md has no hook of that name");
    check::build_for_tests()?;
    let mut missed_by_none = Vec::new();
    for (number, hook) in chosen.iter().enumerate() {
        let name = &hook.name;
        let falls = try_without(hook).with_context(|| format!("without the hook {name}"))?;
        let said = falls.as_deref().unwrap_or("NOTHING FALLS");
        println!("{} of {}: without {name}: {said}", number + 1, chosen.len());
        if falls.is_none() {
            missed_by_none.push(name.as_str());
        }
    }
    ensure!(missed_by_none.is_empty(), "nothing misses these hooks: {}", missed_by_none.join(", "));
    println!("{} hooks, each missed by a test", chosen.len());
    Ok(())
}
