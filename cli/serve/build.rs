//! Puts the files of the playground into the program, when they were built.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::{env, io};

/// Every file under a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let web = own.join("../../web");
    let built = web.join("dist");
    let mut found = Vec::new();
    if built.join("index.html").exists() {
        files(&built, &mut found)?;
        println!("cargo:rerun-if-changed={}", built.display());
    } else {
        // A folder that is not there would let this run each time; the one around it changes when that one comes.
        println!(
            "cargo:rerun-if-changed={}",
            if web.exists() { web } else { own.join("build.rs") }.display()
        );
    }
    found.sort();
    let mut text = String::from("&[\n");
    for file in &found {
        let name = file
            .strip_prefix(&built)
            .expect("a file of the folder")
            .to_str()
            .expect("names of the web are text");
        let _ = writeln!(text, "    ({name:?}, include_bytes!({:?})),", file.canonicalize()?);
    }
    text.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder for output"));
    fs::write(out.join("site.rs"), text)
}
