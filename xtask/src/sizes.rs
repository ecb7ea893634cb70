//! `make sizes`: what is shipped beside the files of others, and where the bytes are. A module that grows needs a new number in
//! `tests/golden/sizes.txt`.

mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::bench::peers;
use crate::dist::{Sizes, sizes};
use crate::module::Variant;
use crate::{Lua, dist, hosts, module, readme, root};

/// What brotli may add where nothing grew: the build id has other bytes each time.
const SLACK: usize = 64;

const GOLDEN: &str = "tests/golden/sizes.txt";

const HEAD: &str = "# Written by make sizes BLESS=1: the bytes of each module, raw and after brotli -q 11. A growth needs a new number here.\n";

/// Prints all tables; BLESS writes the golden sizes, and the first table into README.md.
pub fn print() -> Result<()> {
    let shipped = dist::dist()?;
    let blessing = std::env::var_os("BLESS").is_some();
    if blessing {
        bless(&shipped)?;
    }
    check(&shipped)?;
    hosts::packages()?;
    peers::install()?;
    let mut table =
        String::from("| what is loaded, bytes | raw | gzip -9 | brotli -q 11 |\n|---|---:|---:|---:|\n");
    for (name, files) in artefacts()?.into_iter().chain(peers_files()) {
        table += &row(&name, &files)?;
    }
    print!("\n{table}");
    if blessing {
        readme::write("make sizes", &table)?;
    }
    for lua in Lua::ALL {
        for variant in Variant::ALL {
            print_parts(lua, variant)?;
        }
    }
    Ok(())
}

/// A line of the table: the files of a package, each compressed by itself, as servers do.
fn row(name: &str, files: &[PathBuf]) -> Result<String> {
    let mut sum = [0; 3];
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("{} is not there", file.display()))?;
        for (sum, size) in sum.iter_mut().zip(sizes(&bytes)?) {
            *sum += size;
        }
    }
    Ok(format!("| {name} | {} | {} | {} |\n", grouped(sum[0]), grouped(sum[1]), grouped(sum[2])))
}

/// 1,234,567.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is ours: all in `dist/`, and what a page loads of the JavaScript package.
fn artefacts() -> Result<Vec<(String, Vec<PathBuf>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("dist"))? {
        let path = entry?.path();
        let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        if [".wasm", ".tgz", ".whl", ".crate", ".zip", ".jar", ".tar.gz"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            files.push((name, vec![path]));
        }
    }
    files.sort();
    let package = root().join("hosts/js/dist");
    for (entry, module) in [
        ("index.js", "lua54.wasm"),
        ("mini.js", "lua54-mini.wasm"),
        ("lua55.js", "lua55.wasm"),
        ("lua55-mini.js", "lua55-mini.wasm"),
    ] {
        let mut loaded = BTreeSet::new();
        imported(&package.join(entry), &mut loaded)?;
        let glue: Vec<PathBuf> = loaded.into_iter().collect();
        let with_module = glue.iter().cloned().chain([package.join(module)]).collect();
        files.push((format!("moonlet for pages: {entry} and what it imports"), glue));
        files.push((format!("the same with {module}"), with_module));
    }
    Ok(files)
}

/// A script and those that it imports.
fn imported(script: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !found.insert(script.to_path_buf()) {
        return Ok(());
    }
    let text = fs::read_to_string(script).with_context(|| format!("{} is not there", script.display()))?;
    let folder = script.parent().context("a script lies in a folder")?;
    for (at, _) in text.match_indices("\"./") {
        let name = text[at + 3..].split('"').next().unwrap_or_default();
        // Only what is imported as it starts: import("./x.js") loads later, and a module is a file of its own.
        let before = text[..at].trim_end();
        if name.ends_with(".js") && (before.ends_with("from") || before.ends_with("import")) {
            imported(&folder.join(name), found)?;
        }
    }
    Ok(())
}

/// The files of other Luas that a page loads.
fn peers_files() -> Vec<(String, Vec<PathBuf>)> {
    let files = |package: &str, names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| peers::folder().join("node_modules").join(package).join(name)).collect()
    };
    let version = |package: &str| {
        let found = peers::PACKAGES.iter().find(|(name, _)| *name == package);
        format!("{package} {}", found.map_or("", |(_, version)| version))
    };
    let bindings = "lua-wasm-bindings";
    let mut rows = vec![
        (format!("{}: glue.wasm", version("wasmoon")), files("wasmoon", &["dist/glue.wasm"])),
        ("the same with index.js".into(), files("wasmoon", &["dist/glue.wasm", "dist/index.js"])),
    ];
    for lua in ["5.4.7", "5.5.0"] {
        let [wasm, glue] = ["wasm", "js"].map(|ending| format!("dist/glue/glue-lua-{lua}.{ending}"));
        rows.push((format!("{}: Lua {lua}, .wasm", version(bindings)), files(bindings, &[&wasm])));
        rows.push((
            "the same with its glue".into(),
            files(bindings, &[&wasm, &glue, "dist/binding-factory.js"]),
        ));
    }
    rows.push((
        format!("{}: Lua 5.3", version("fengari-web")),
        files("fengari-web", &["dist/fengari-web.js"]),
    ));
    rows
}

/// Where the bytes of a shipped module are.
fn print_parts(lua: Lua, variant: Variant) -> Result<()> {
    let (path, linked) = module::build_with_linked(lua, variant)?;
    let shipped = fs::read(&path)?;
    let symbols = fs::read_to_string(path.with_extension("map"))?;
    let parts = parts::measure(lua, &linked, &shipped, &symbols)?;
    let mut rows: Vec<(&String, &usize)> = parts.by_part.iter().collect();
    rows.sort_by_key(|(_, bytes)| std::cmp::Reverse(**bytes));
    let name = path.file_name().context("a module has a name")?.display();
    println!("\n{name}, by part: {} bytes", grouped(shipped.len()));
    for (part, bytes) in rows {
        println!("{:>9}  {:>4.1} %  {part}", grouped(*bytes), *bytes as f64 * 100.0 / shipped.len() as f64);
    }
    println!("of these, among the parts:");
    println!("{:>9}  looks at the mark of an error after calls", grouped(parts.checks));
    if variant == Variant::Full {
        let unmetered = sizes(&fs::read(module::build_unmetered(lua)?)?)?;
        let whole = sizes(&shipped)?;
        let less = |at: usize| grouped(whole[at].saturating_sub(unmetered[at]));
        println!("{:>9}  charges ({} after brotli): what a build without them has less", less(0), less(2));
    }
    Ok(())
}

/// By module: raw, and after brotli.
fn golden(text: &str) -> BTreeMap<&str, [usize; 2]> {
    let line = |line| {
        let mut words = str::split_whitespace(line);
        Some((words.next()?, [words.next()?.parse().ok()?, words.next()?.parse().ok()?]))
    };
    text.lines().filter_map(line).collect()
}

fn bless(shipped: &[(String, Sizes)]) -> Result<()> {
    let mut text = String::from(HEAD);
    for (name, [raw, _, brotli]) in shipped {
        let _ = writeln!(text, "{name} {raw} {brotli}");
    }
    Ok(fs::write(root().join(GOLDEN), text)?)
}

/// Fails when a module is larger than its golden sizes.
pub fn check(shipped: &[(String, Sizes)]) -> Result<()> {
    let text = fs::read_to_string(root().join(GOLDEN))?;
    let grown = grown(&golden(&text), shipped);
    ensure!(
        grown.is_empty(),
        "{}; make it smaller, or let {GOLDEN} say so: make sizes BLESS=1",
        grown.join(", ")
    );
    Ok(())
}

fn grown(golden: &BTreeMap<&str, [usize; 2]>, shipped: &[(String, Sizes)]) -> Vec<String> {
    let mut grown = Vec::new();
    for (name, [raw, _, brotli]) in shipped {
        match golden.get(name.as_str()) {
            None => grown.push(format!("{name} has no golden size")),
            Some([most_raw, most_brotli]) if raw > most_raw || *brotli > most_brotli + SLACK => {
                grown.push(format!(
                    "{name} grew from {most_raw} to {raw} bytes, with brotli from {most_brotli} to {brotli}"
                ));
            }
            Some(_) => {}
        }
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_needs_a_new_number() {
        let golden = golden("# a comment\nlua54.wasm 1000 300\nlua55.wasm 1100 310\n");
        let of = |raw, brotli| vec![("lua54.wasm".to_string(), [raw, 400, brotli])];
        assert!(grown(&golden, &of(1000, 300)).is_empty());
        assert!(grown(&golden, &of(900, 300 + SLACK)).is_empty());
        assert_eq!(grown(&golden, &of(1001, 300)).len(), 1);
        assert_eq!(grown(&golden, &of(1000, 301 + SLACK)).len(), 1);
        assert_eq!(grown(&golden, &[("mini.wasm".to_string(), [1, 1, 1])]).len(), 1);
    }

    #[test]
    fn numbers_are_read_in_groups() {
        assert_eq!(["7", "123", "1,234", "376,674"], [7, 123, 1234, 376_674].map(grouped));
    }
}
