//! The numbers of the ABI stand in one list, `src/abi/numbers.txt`; whatever else says them says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = include_str!("../../src/abi/numbers.txt");

/// Names and numbers of one kind.
type Numbers = BTreeMap<String, i64>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of the list in order: kind, number, name.
fn lines() -> impl Iterator<Item = (&'static str, i64, &'static str)> {
    LIST.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        let (kind, number, name) = (words.next(), words.next(), words.next());
        assert!(name.is_some() && words.next().is_none(), "{line:?} is no line of the list");
        (
            kind.expect("a kind"),
            number.and_then(|number| number.parse().ok()).expect("a number"),
            name.expect("a name"),
        )
    })
}

fn list(kinds: &[&str]) -> Numbers {
    lines()
        .filter(|(kind, ..)| kinds.contains(kind))
        .map(|(_, number, name)| (name.to_string(), number))
        .collect()
}

/// The constants that stand between `start` and `end` in a Rust source.
fn constants(path: &str, start: &str, end: &str) -> Numbers {
    let text = read(path);
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{path} has no {start:?}"));
    let (block, _) = rest.split_once(end).unwrap_or((rest, ""));
    block
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("pub const ")?.split_once(": ")?;
            let value = value.split_once(" = ")?.1.trim_end_matches(';');
            Some((name.to_string(), value.parse().ok()?))
        })
        .collect()
}

/// The entries of a `const enum` in a TypeScript source.
fn enumeration(path: &str, name: &str) -> Numbers {
    let text = read(path);
    let start = format!("const enum {name} {{");
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("{path} has no {start:?}"));
    rest.lines()
        .take_while(|line| *line != "}")
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(" = "))
        .filter_map(|(name, value)| Some((name.to_string(), value.parse().ok()?)))
        .collect()
}

/// The rows of the tables under a heading of ABI.md whose first cells are numbers.
fn table(heading: &str) -> Numbers {
    let text = read("ABI.md");
    let (_, rest) = text.split_once(heading).unwrap_or_else(|| panic!("ABI.md has no {heading:?}"));
    let (part, _) = rest.split_once("\n## ").unwrap_or((rest, ""));
    let mut numbers = Numbers::new();
    for line in part.lines() {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let (Some(first), Some(second)) = (cells.next(), cells.next()) else { continue };
        let Ok(values) = first.split(", ").map(str::parse).collect::<Result<Vec<i64>, _>>() else { continue };
        let names = second.split(':').next().expect("a cell").split(", ");
        // "2, 3" goes with "ERRRUN, ERRSYNTAX, as in Lua".
        numbers.extend(names.zip(values).map(|(name, value)| (name.to_string(), value)));
    }
    numbers
}

/// Every name and number of `part` is in the list.
fn assert_within(part: &Numbers, whole: &Numbers, place: &str) {
    for (name, number) in part {
        assert_eq!(
            whole.get(name),
            Some(number),
            "{place} says {name} = {number}; src/abi/numbers.txt is right"
        );
    }
}

#[test]
fn no_number_stands_for_two() {
    let mut seen = BTreeSet::new();
    for (kind, number, name) in lines() {
        // Options and figures are numbers of one series.
        let series = if kind == "figure" { "option" } else { kind };
        assert!(seen.insert((series, number)), "{kind} {number} {name} comes twice");
    }
}

#[test]
fn the_tables_of_the_contract_are_the_list() {
    assert_eq!(table("\n## Statuses"), list(&["status"]), "ABI.md left, src/abi/numbers.txt right");
    assert_eq!(
        table("\n## Options and figures"),
        list(&["option", "figure"]),
        "ABI.md left, src/abi/numbers.txt right"
    );
    assert_eq!(table("\n## The info block"), list(&["info"]), "ABI.md left, src/abi/numbers.txt right");
    let text = read("ABI.md");
    let row = text.lines().find(|line| line.contains("| LIBRARIES |")).expect("the option LIBRARIES");
    for (name, bit) in list(&["library"]) {
        let ends = [",", ";", " ("].map(|end| format!(" {bit} {name}{end}"));
        assert!(ends.iter().any(|said| row.contains(said)), "{row} lacks {bit} {name}");
    }
    for (name, number) in list(&["extension"]) {
        assert!(
            text.contains(&format!("ext type {number}")),
            "ABI.md does not tell of ext type {number}, {name}"
        );
    }
}

#[test]
fn the_constants_are_those_of_the_list() {
    let statuses = list(&["status"]);
    let options = list(&["option", "figure"]);
    assert_within(&constants("src/bytes/status.rs", "//!", "never ends"), &statuses, "src/bytes/status.rs");
    assert_eq!(constants("src/abi/settings.rs", "mod key {", "\n}"), options, "src/abi/settings.rs is left");
    assert_eq!(constants("tests/harness/numbers.rs", "mod status {", "\n}"), statuses, "the harness is left");
    assert_eq!(constants("tests/harness/numbers.rs", "mod option {", "\n}"), options, "the harness is left");
    let offsets = list(&["info"]);
    assert_eq!(constants("src/abi/info.rs", "mod offset {", "\n}"), offsets, "src/abi/info.rs is left");
    assert_eq!(constants("tests/harness/numbers.rs", "mod info {", "\n}"), offsets, "the harness is left");
    let mut known = Numbers::new();
    for line in read("src/lua/moonlet.h").lines() {
        let Some((name, value)) = line.strip_prefix("#define MOONLET_").and_then(|rest| rest.split_once(' '))
        else {
            continue;
        };
        if let (Some(_), Ok(value)) = (statuses.get(name), value.parse()) {
            known.insert(name.to_string(), value);
        }
    }
    assert!(known.len() >= 5, "statuses in src/lua/moonlet.h: {known:?}");
    assert_within(&known, &statuses, "src/lua/moonlet.h");
}

#[test]
fn the_constants_of_the_javascript_package_are_those_of_the_list() {
    for (name, kind) in [
        ("Status", "status"),
        ("Option", "option"),
        ("Figure", "figure"),
        ("Extension", "extension"),
        ("Info", "info"),
    ] {
        let path = "hosts/js/src/numbers.ts";
        assert_eq!(enumeration(path, name), list(&[kind]), "{path}, {name}, is left");
    }
    let path = "hosts/js/src/options.ts";
    let text = read(path);
    let mut bits: Vec<_> = list(&["library"]).into_iter().map(|(name, bit)| (bit, name)).collect();
    bits.sort();
    assert!(bits.iter().enumerate().all(|(place, (bit, _))| *bit == 1 << place), "a bit for each library");
    let names: Vec<_> = bits.into_iter().map(|(_, name)| name).collect();
    let names = names.join(" ");
    assert!(text.contains(&format!("\"{names}\"")), "{path} lacks {names:?}");
}

#[test]
fn the_package_for_rust_has_the_numbers_of_the_list() {
    let path = "hosts/rust/src/numbers.rs";
    for (module, kinds) in [
        ("status", &["status"][..]),
        ("option", &["option", "figure"]),
        ("extension", &["extension"]),
        ("info", &["info"]),
    ] {
        assert_eq!(
            constants(path, &format!("mod {module} {{"), "\n}"),
            list(kinds),
            "{path}, {module}, is left"
        );
    }
    let libraries = list(&["library"]).into_iter().map(|(name, bit)| (name.to_uppercase(), bit)).collect();
    assert_eq!(constants(path, "mod library {", "\n}"), libraries, "{path}, library, is left");
}

/// The numbers, each as a line in the form of a language, with an empty line before each kind.
fn listed(form: impl Fn(&str, i64) -> String) -> String {
    let mut text = String::new();
    let mut last = "";
    for (kind, number, name) in lines() {
        if kind != last {
            text.push('\n');
            last = kind;
        }
        let name = format!("{kind}_{name}").to_uppercase();
        writeln!(text, "{}", form(&name, number)).expect("a string takes all");
    }
    text
}

/// What a host in C includes.
fn header() -> String {
    let numbers = listed(|name, number| format!("#define MOONLET_{name} {number}"));
    format!(
        "/* The numbers of ABI 1 (ABI.md), for hosts in C. Written by the tests from src/abi/numbers.txt. */\n\
         #ifndef MOONLET_NUMBERS_H\n#define MOONLET_NUMBERS_H\n{numbers}\n#endif\n"
    )
}

/// The constants of the Python package.
fn python() -> String {
    let numbers = listed(|name, number| format!("{name} = {number}"));
    format!(
        "\"\"\"The numbers of ABI 1 (ABI.md). Written by the tests from src/abi/numbers.txt.\"\"\"\n{numbers}"
    )
}

/// The constants of the Java package.
fn java() -> String {
    let numbers = listed(|name, number| format!("    static final int {name} = {number};"));
    format!(
        "package moonlet;\n\n\
         /** The numbers of ABI 1 (ABI.md). Written by the tests from src/abi/numbers.txt. */\n\
         final class Numbers {{\n    private Numbers() {{}}\n{numbers}}}\n"
    )
}

/// A name in the form of Go: `BAD_ARGUMENT` as `BadArgument`.
fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + &rest.to_lowercase()
        })
        .collect()
}

/// Lines of Go with what follows their names in one column, as gofmt has them.
fn column(text: &mut String, rows: &[(String, String)]) {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, rest) in rows {
        writeln!(text, "\t{name:width$} {rest}").expect("a string takes all");
    }
}

/// The constants of the Go package.
fn go() -> String {
    let mut text = String::from(
        "// Package abi has the numbers of ABI 1 (ABI.md). Written by the tests from src/abi/numbers.txt.\npackage abi\n",
    );
    for kind in ["status", "option", "figure", "library", "extension", "info"] {
        writeln!(text, "\n// The numbers of kind {kind}.\nconst (").expect("a string takes all");
        let rows: Vec<_> = lines()
            .filter(|line| line.0 == kind)
            .map(|(_, number, name)| (camel(kind) + &camel(name), format!("= {number}")))
            .collect();
        column(&mut text, &rows);
        text.push_str(")\n");
    }
    text.push_str("\n// Options has the names of options by their numbers.\nvar Options = map[int]string{\n");
    let options = lines().filter(|line| line.0 == "option");
    let rows: Vec<_> =
        options.map(|(_, number, name)| (format!("{number}:"), format!("\"{name}\","))).collect();
    column(&mut text, &rows);
    text.push_str(
        "}\n\n// Libraries has the bits of libraries by their names.\nvar Libraries = map[string]int64{\n",
    );
    let libraries = lines().filter(|line| line.0 == "library");
    let rows: Vec<_> = libraries.map(|(_, bit, name)| (format!("\"{name}\":"), format!("{bit},"))).collect();
    column(&mut text, &rows);
    text + "}\n"
}

/// A file says what is made of the list; with BLESS=1 it is written first.
fn assert_made_of_the_list(path: &str, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        let path = root().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for it");
        fs::write(&path, text).expect("a writable file");
    }
    assert_eq!(read(path), text, "{path}: BLESS=1 writes it anew");
}

#[test]
fn the_constants_of_the_hosts_are_made_of_the_list() {
    assert_made_of_the_list("hosts/c/moonlet_numbers.h", &header());
    assert_made_of_the_list("hosts/python/src/moonlet/numbers.py", &python());
    assert_made_of_the_list("hosts/java/src/main/java/moonlet/Numbers.java", &java());
    assert_made_of_the_list("hosts/go/internal/abi/numbers.go", &go());
}
