//! What Moonlet promises, one file for each promise.

/// Each test runs on both modules: `name::lua54` and `name::lua55`.
macro_rules! for_each_version {
    ($($(#[$attribute:meta])* fn $name:ident($version:ident: Version) $body:block)*) => {
        $($(#[$attribute])* mod $name {
            #[allow(unused_imports, reason = "not every test needs all that its file imports")]
            use super::*;
            fn check($version: Version) $body
            #[test]
            fn lua54() {
                check(Version::Lua54)
            }
            #[test]
            fn lua55() {
                check(Version::Lua55)
            }
        })*
    };
}

#[path = "promises/clients.rs"]
mod clients;
#[path = "promises/compact.rs"]
mod compact;
#[path = "promises/debug.rs"]
mod debug;
#[path = "promises/devices.rs"]
mod devices;
#[path = "promises/errors.rs"]
mod errors;
#[path = "promises/files.rs"]
mod files;
#[path = "promises/fuel.rs"]
mod fuel;
#[path = "promises/golden.rs"]
mod golden;
#[path = "promises/info.rs"]
mod info;
#[path = "promises/input.rs"]
mod input;
#[path = "promises/intrinsics.rs"]
mod intrinsics;
#[path = "promises/invariants.rs"]
mod invariants;
#[path = "promises/library.rs"]
mod library;
#[path = "promises/loops.rs"]
mod loops;
#[path = "promises/memory.rs"]
mod memory;
#[path = "promises/mini.rs"]
mod mini;
#[path = "promises/misuse.rs"]
mod misuse;
#[path = "promises/msgpack.rs"]
mod msgpack;
#[path = "promises/numbers.rs"]
mod numbers;
#[path = "promises/options.rs"]
mod options;
#[path = "promises/output.rs"]
mod output;
#[path = "promises/pages.rs"]
mod pages;
#[path = "promises/poison.rs"]
mod poison;
#[path = "promises/readme.rs"]
mod readme;
#[path = "promises/recursion.rs"]
mod recursion;
#[path = "promises/references.rs"]
mod references;
#[path = "promises/reset.rs"]
mod reset;
#[path = "promises/rooms.rs"]
mod rooms;
#[path = "promises/sources.rs"]
mod sources;
#[path = "promises/steady.rs"]
mod steady;
#[path = "promises/strings.rs"]
mod strings;
#[path = "promises/tables.rs"]
mod tables;
#[path = "promises/tasks.rs"]
mod tasks;
#[path = "promises/time_zone.rs"]
mod time_zone;
#[path = "promises/values.rs"]
mod values;
#[path = "promises/vectors.rs"]
mod vectors;
