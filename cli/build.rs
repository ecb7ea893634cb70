//! How the command is linked.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // At a fixed address: the loader would otherwise write 42,000 addresses at each start, which takes as long as all else that a small
        // script needs. Stack, heap, libraries and what the engine compiled stay where the system likes.
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
