//! Where the bytes of a module are: each function by the file that it comes from, which its name tells.
//!
//! A function that was inlined counts to the one that took it in. Names come from the linked module, files of C from the objects
//! that went into it, and what wasm-opt left of both from its map.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Linking, Operator, Parser, Payload, SymbolInfo};

use crate::{Lua, root};

/// Parts of Lua's own C, by file.
const LUA: &[(&str, &[&str])] = &[
    ("VM", &["execute", "leaf", "lvm", "ldo", "ltm", "lfunc", "lobject", "lopcodes"]),
    ("tables and strings", &["ltable", "lstring"]),
    ("collector, states", &["lgc", "lmem", "lstate"]),
    ("parser", &["llex", "lparser", "lcode", "lctype", "lzio"]),
    ("precompiled chunks", &["ldump", "lundump"]),
    ("errors, hooks", &["ldebug"]),
    ("API", &["lapi", "lauxlib", "linit"]),
    ("library base", &["lbaselib"]),
    ("library coroutine", &["lcorolib"]),
    ("library debug", &["ldblib"]),
    ("library io", &["liolib"]),
    ("library math", &["lmathlib"]),
    ("library os", &["loslib"]),
    ("library package", &["loadlib"]),
    ("library string", &["lstrlib"]),
    ("library table", &["ltablib"]),
    ("library utf8", &["lutf8lib"]),
];

/// Parts of Rust, by what a mangled name has in it; the first that fits counts.
const RUST: &[(&str, &[&str])] = &[
    ("allocator", &["8dlmalloc", "9libc_shim4heap"]),
    ("mathematics", &["4libm", "9libc_shim4math"]),
    ("shim: numbers and text", &["9libc_shim7decimal", "9libc_shim6format", "9libc_shim6stdlib"]),
    ("shim: files", &["9libc_shim5stdio", "9libc_shim10filesystem", "9libc_shim7devices"]),
    ("shim: time", &["9libc_shim4time"]),
    ("shim: the rest", &["9libc_shim"]),
    ("our Rust: MessagePack", &["6values7msgpack"]),
    ("our Rust: tasks", &["14moonlet_module4task"]),
    ("our Rust: the rest", &["14moonlet_module"]),
    ("Rust's core", &["4core", "5alloc", "7___rustc", "17compiler_builtins"]),
];

/// Functions with names of C, by part. What C's headers hold and is not named is the rest of the shim.
const C_NAMES: &[(&str, &str)] = &[
    (
        "allocator",
        "calloc free malloc realloc moonlet_reallocate moonlet_release moonlet_heap_used moonlet_open_reserve",
    ),
    (
        "mathematics",
        "acos asin atan2 ceil cos cosh exp fabs floor fmod frexp ldexp log log10 log2 pow sin sinh sqrt tan tanh",
    ),
    ("shim: numbers and text", "snprintf strtod"),
    (
        "shim: files",
        "clearerr fclose feof ferror fflush fgets fopen fprintf fputc fputs fread freopen fseek ftell fwrite getc remove rename \
         setvbuf tmpfile tmpnam ungetc",
    ),
    ("shim: time", "clock difftime gmtime localtime mktime strftime time"),
    ("Rust's core", "__multi3 __lshrti3 __ashlti3 __ashrti3 __udivti3 __umodti3 __divti3 __modti3"),
];

/// Names of the ABI, which are our Rust.
const ABI: &str = include_str!("../../../tests/golden/exports.txt");

/// What C's headers of the shim have.
const SHIM: &str = include_str!("../../../libc-shim/symbols.txt");

/// Bytes by part.
#[derive(Debug, Default)]
pub struct Parts {
    pub by_part: BTreeMap<String, usize>,
    /// Those instructions in the code that look whether an error is on its way, and leave the function then.
    pub checks: usize,
}

fn part_of_file(file: &str) -> String {
    let part = LUA.iter().find(|(_, files)| files.contains(&file));
    part.map_or("our C".into(), |(part, _)| (*part).into())
}

fn part_of_rust(name: &str) -> Option<String> {
    let part = RUST.iter().find(|(_, marks)| marks.iter().any(|mark| name.contains(mark)));
    part.map(|(part, _)| (*part).into())
}

fn part_of_c_name(name: &str) -> Option<String> {
    if let Some((part, _)) = C_NAMES.iter().find(|(_, names)| names.split(' ').any(|known| known == name)) {
        return Some((*part).into());
    }
    if SHIM.lines().any(|known| known == name) {
        return Some("shim: the rest".into());
    }
    let ours = name.starts_with("moonlet_") || ABI.lines().any(|line| line.starts_with(name));
    ours.then(|| "our Rust: the rest".into())
}

/// By function, the C files that define it, of the build whose objects have most of these functions: builds with other features
/// have folders of their own.
fn definitions_of(lua: Lua, names: &[String]) -> Result<HashMap<String, Vec<String>>> {
    let builds = root().join("target/wasm32-unknown-unknown/module/build");
    let mut best = (0, HashMap::new());
    for entry in fs::read_dir(&builds)? {
        let folder = entry?.path().join("out");
        if folder.join(lua.source_folder()).is_dir() {
            let found = definitions(&folder)?;
            let known = names.iter().filter(|name| found.contains_key(*name)).count();
            if known > best.0 {
                best = (known, found);
            }
        }
    }
    ensure!(best.0 > 0, "no build of {} in {}", lua.name(), builds.display());
    Ok(best.1)
}

/// The files that define a function of that name, by the objects' own tables; several may define functions of their own.
fn definitions(folder: &Path) -> Result<HashMap<String, Vec<String>>> {
    let mut files: HashMap<String, Vec<String>> = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "o") {
            continue;
        }
        // cc puts a hash before the file's own name.
        let stem = path.file_stem().context("an object has a name")?.to_string_lossy().into_owned();
        let file = stem.split_once('-').map_or(stem.as_str(), |(_, name)| name).to_string();
        for name in functions_of_object(&fs::read(&path)?)? {
            files.entry(name).or_default().push(file.clone());
        }
    }
    Ok(files)
}

fn functions_of_object(object: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(object) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Linking(reader) = section.as_known() else { continue };
        for subsection in reader.subsections() {
            let Linking::SymbolTable(symbols) = subsection? else { continue };
            for symbol in symbols {
                if let SymbolInfo::Func { flags, name: Some(name), .. } = symbol?
                    && !flags.contains(wasmparser::SymbolFlags::UNDEFINED)
                {
                    names.push(name.to_string());
                }
            }
        }
    }
    Ok(names)
}

/// The functions' names of a module, in the order of the functions.
fn names(module: &[u8]) -> Result<Vec<String>> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(reader) = section.as_known() else { continue };
        for subsection in reader {
            if let wasmparser::Name::Function(functions) = subsection? {
                for function in functions {
                    let function = function?;
                    names.insert(function.index, function.name.to_string());
                }
            }
        }
    }
    Ok(names.into_values().collect())
}

/// The parts of the functions of a linked module, by the names that wasm-opt gives them: where several have one name, all but the
/// first get a number behind it, which grows.
fn parts_by_name(names: Vec<String>, files: &HashMap<String, Vec<String>>) -> HashMap<String, Vec<String>> {
    let mut parts: HashMap<String, Vec<String>> = HashMap::new();
    let mut neighbour = String::new();
    for name in names {
        let part = match files.get(&name).map(Vec::as_slice) {
            Some([file]) => {
                neighbour.clone_from(file);
                part_of_file(file)
            }
            // The linker keeps a file's functions together.
            Some(several) if several.contains(&neighbour) => part_of_file(&neighbour),
            Some([first, ..]) => part_of_file(first),
            _ => part_of_rust(&name).or_else(|| part_of_c_name(&name)).unwrap_or("not known".into()),
        };
        parts.entry(name).or_default().push(part);
    }
    parts
}

/// The part of a function of the shipped module.
fn part_of(name: &str, parts: &HashMap<String, Vec<String>>) -> String {
    // lower-eh puts a wrapper around an export, which mostly takes in the function itself.
    let name = name.trim_end_matches(".uncaught_traps");
    if let Some(found) = parts.get(name) {
        return found[0].clone();
    }
    // Or the second of a name, `resume_561`.
    let base = name.rsplit_once('_').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    match base.and_then(|(base, _)| parts.get(base)) {
        Some(found) => found.get(1).unwrap_or(&found[0]).clone(),
        None => "not known".into(),
    }
}

/// Lines `index:name`, by index.
fn map(text: &str) -> HashMap<u32, &str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .filter_map(|(index, name)| Some((index.parse().ok()?, name)))
        .collect()
}

/// The parts of a module: `linked` as it was linked, `shipped` as it is, `symbols` the map of its functions.
pub fn measure(lua: Lua, linked: &[u8], shipped: &[u8], symbols: &str) -> Result<Parts> {
    let names = names(linked)?;
    let files = definitions_of(lua, &names)?;
    let by_name = parts_by_name(names, &files);
    let symbols = map(symbols);
    let unwinding = unwinding_global(shipped)?;
    let mut parts = Parts::default();
    let mut index = 0;
    let mut add = |part: String, bytes: usize| *parts.by_part.entry(part).or_default() += bytes;
    for payload in Parser::new(0).parse_all(shipped) {
        match payload? {
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let part = symbols.get(&index).map_or("not known".into(), |name| part_of(name, &by_name));
                add(part, range.end - range.start);
                index += 1;
                parts.checks += checks(&body, unwinding)?;
            }
            Payload::DataSection(reader) => add("data".into(), reader.range().len()),
            Payload::CustomSection(section) => {
                add(format!("section {}", section.name()), section.range().len())
            }
            Payload::TypeSection(reader) => add("tables of the format".into(), reader.range().len()),
            Payload::FunctionSection(reader) => add("tables of the format".into(), reader.range().len()),
            Payload::GlobalSection(reader) => add("tables of the format".into(), reader.range().len()),
            Payload::ExportSection(reader) => add("tables of the format".into(), reader.range().len()),
            Payload::ElementSection(reader) => add("tables of the format".into(), reader.range().len()),
            _ => {}
        }
    }
    let known: usize = parts.by_part.values().sum();
    parts.by_part.insert("lengths and the like".into(), shipped.len() - known);
    Ok(parts)
}

/// The global that functions look at after calls: the mutable one that is read most often right before a branch.
fn unwinding_global(module: &[u8]) -> Result<u32> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        let mut read = None;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            if let (Some(global), Operator::BrIf { .. } | Operator::If { .. }) = (read, &operator) {
                *counts.entry(global).or_default() += 1;
            }
            read =
                if let Operator::GlobalGet { global_index } = operator { Some(global_index) } else { None };
        }
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(global, _)| global)
        .context("no checks in the module")
}

/// Bytes of the looks at the global, each with the branch, or the whole `if`, that leaves the function.
fn checks(body: &wasmparser::FunctionBody<'_>, unwinding: u32) -> Result<usize> {
    let operators = body.get_operators_reader()?.into_iter_with_offsets().collect::<Result<Vec<_>, _>>()?;
    let mut bytes = 0;
    let mut at = 0;
    while at < operators.len() {
        let from = operators[at].1;
        if !matches!(operators[at].0, Operator::GlobalGet { global_index } if global_index == unwinding) {
            at += 1;
            continue;
        }
        at += 1;
        while matches!(operators.get(at), Some((Operator::I32Eqz, _))) {
            at += 1;
        }
        match operators.get(at) {
            Some((Operator::BrIf { .. }, _)) => at += 1,
            Some((Operator::If { .. }, _)) => {
                // A body that only leaves: constants, a local, a return or a branch.
                let mut end = at + 1;
                while matches!(
                    operators.get(end),
                    Some((
                        Operator::I32Const { .. }
                            | Operator::I64Const { .. }
                            | Operator::F64Const { .. }
                            | Operator::LocalGet { .. }
                            | Operator::Return
                            | Operator::Br { .. },
                        _
                    ))
                ) {
                    end += 1;
                }
                at = if matches!(operators.get(end), Some((Operator::End, _))) { end + 1 } else { at + 1 };
            }
            _ => {}
        }
        bytes += operators.get(at).map_or(body.range().end, |(_, offset)| *offset) - from;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_parts() {
        assert_eq!(part_of_file("lvm"), "VM");
        assert_eq!(part_of_file("budget"), "our C");
        assert_eq!(part_of_rust("_ZN4libm4math8rem_pio28rem_pio217h0E").as_deref(), Some("mathematics"));
        assert_eq!(part_of_rust("_ZN9libc_shim4heap6buffer6Buffer4pushE").as_deref(), Some("allocator"));
        assert_eq!(part_of_c_name("pow").as_deref(), Some("mathematics"));
        assert_eq!(part_of_c_name("strlen").as_deref(), Some("shim: the rest"));
        assert_eq!(part_of_c_name("compute").as_deref(), Some("our Rust: the rest"));
        assert_eq!(part_of_c_name("luaV_execute"), None);
    }

    #[test]
    fn the_second_of_a_name_has_a_number() {
        let parts = HashMap::from([
            ("resume".to_string(), vec!["our Rust: the rest".to_string(), "VM".to_string()]),
            ("lua_resume".to_string(), vec!["VM".to_string()]),
        ]);
        assert_eq!(part_of("resume", &parts), "our Rust: the rest");
        assert_eq!(part_of("resume_561", &parts), "VM");
        assert_eq!(part_of("lua_resume", &parts), "VM");
        assert_eq!(part_of("lua_resume.uncaught_traps", &parts), "VM");
        assert_eq!(part_of("other", &parts), "not known");
    }
}
