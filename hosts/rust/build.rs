//! Says where the modules are that the crate holds, and their hashes: in its own folder when it was packed, else where the repository's build leaves them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Where the module of that name is. In a checkout a copy in the crate's folder is of no account, as it may be old.
fn find(own: &Path, name: &str) -> PathBuf {
    let root = own.join("../..");
    let folders = if root.join("src/abi/numbers.txt").exists() {
        vec![root.join("target/moonlet"), root.join("dist")]
    } else {
        vec![own.to_path_buf()]
    };
    let file = folders.iter().map(|folder| folder.join(name)).find(|file| file.exists());
    file.unwrap_or_else(|| panic!("{name} is in none of {folders:?}; run `make dist` first"))
}

fn main() {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let mini: &[&str] =
        if env::var_os("CARGO_FEATURE_MINI").is_some() { &["lua54-mini", "lua55-mini"] } else { &[] };
    for name in ["lua54", "lua55"].iter().chain(mini) {
        let file = find(&own, &format!("{name}.wasm"));
        let file = file.canonicalize().expect("a file that exists");
        println!("cargo:rerun-if-changed={}", file.display());
        let bytes = fs::read(&file).expect("a file that can be read");
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = name.to_uppercase().replace('-', "_");
        println!("cargo:rustc-env=MOONLET_{name}={}", file.display());
        println!("cargo:rustc-env=MOONLET_{name}_DIGEST={digest}");
    }
}
