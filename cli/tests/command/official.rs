//! `main.lua` of Lua's official suites, which tests the program `lua`: run by native Lua, with this command in the place of that.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Folder, MOONLET};

/// Lines of `main.lua` that cannot apply.
struct Skip {
    what: &'static str,
    /// The first and the last line in each version; 0 in one that has none.
    lines: [(usize, usize); 2],
    reason: &'static str,
}

const SKIPS: [Skip; 4] = [
    Skip {
        what: "names in package.cpath",
        lines: [(188, 192), (193, 197)],
        reason: "the path of libraries of C is ./?.so, without a folder of lua's, as none is loaded",
    },
    Skip {
        what: "libraries of C",
        lines: [(229, 232), (250, 253)],
        reason: "a module has no dynamic linker to load a library that is written in C",
    },
    Skip {
        what: "LUA_READLINELIB",
        lines: [(0, 0), (200, 213)],
        reason: "names a library of C that edits lines; the command has an editor of its own",
    },
    Skip {
        what: "the echo of readline",
        lines: [(371, 389), (0, 0)],
        reason: "needs GNU readline, which shows each line beside its prompt; lua without it fails here, too",
    },
];

/// The file of a version, with the lines that are skipped empty.
fn main_lua(index: usize, lua: &str) -> String {
    let testes = std::env::var_os("MOONLET_TESTES").expect(
        "MOONLET_TESTES names the folder of Lua's official suites; `cargo xtask test official` sets it",
    );
    let path = PathBuf::from(testes).join(lua).join("testes/main.lua");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8(text).expect("a text");
    let mut lines: Vec<&str> = text.lines().collect();
    for Skip { what, lines: places, reason } in SKIPS {
        let (first, last) = places[index];
        if first > 0 {
            println!("{lua}: skipped lines {first} to {last} ({what}): {reason}");
            lines[first - 1..last].fill("");
        }
    }
    lines.join("\n")
}

fn passes(index: usize, lua: &str, version: &str) {
    // `require` takes a dot in a name for a folder.
    let folder = tempfile::Builder::new().prefix("lua_").tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path");
    let own = Folder::new();
    own.run(&["-e", ""]).printed();
    fs::write(folder.path().join("main.lua"), main_lua(index, lua)).expect("a file");
    // The script is given the folder of its files; and the program's name is what it is called by.
    let program = folder.path().join("moonlet");
    let command = format!(
        "#!/bin/bash\nexport XDG_CACHE_HOME='{}'\nexec -a \"$0\" '{MOONLET}' --lua {version} --dir '{path}:rw' \"$@\"\n",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache").display()
    );
    fs::write(&program, command).expect("a file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
    let chunk = format!(
        "local n = 0 os.tmpname = function() n = n + 1 return '{path}/lua_' .. n end \
         arg = {{[-1] = '{}', [0] = 'main.lua'}} assert(xpcall(dofile, debug.traceback, 'main.lua'))",
        program.display()
    );
    let native = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/native").join(format!("testes-{lua}"));
    let native = native.canonicalize().expect("cargo xtask test builds the native program");
    let output = Command::new(native)
        .arg(chunk)
        .current_dir(folder.path())
        .env_remove("LUA_INIT")
        .output()
        .expect("a native Lua");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.ends_with("OK\n"),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_official_main_lua_passes_in_lua54() {
    passes(0, "lua54", "5.4");
}

#[test]
fn the_official_main_lua_passes_in_lua55() {
    passes(1, "lua55", "5.5");
}
