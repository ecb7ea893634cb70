//! An instance between two calls is its linear memory: wherever it is copied to, and whatever happened to the original,
//! the copy goes on as if nothing had been.
//!
//! `make snapshots` and `make crash` do more of it than `make test`; SEEDS, FLIPS, TRAPS and KILLS say how much.

/// Each function is a test of both modules: `name::lua54` and `name::lua55`.
macro_rules! both_versions {
    ($($name:ident)*) => {
        $(mod $name {
            use moonlet_tests::Version;
            #[test]
            fn lua54() {
                super::$name(Version::Lua54);
            }
            #[test]
            fn lua55() {
                super::$name(Version::Lua55);
            }
        })*
    };
}

#[path = "snapshots/crash.rs"]
mod crash;
#[path = "snapshots/damage.rs"]
mod damage;
#[path = "snapshots/moves.rs"]
mod moves;
#[path = "snapshots/node.rs"]
mod node;
#[path = "snapshots/traps.rs"]
mod traps;
#[path = "snapshots/workload.rs"]
mod workload;

/// How much is done, from the environment or as much as `make test` does.
fn amount(setting: &str, sample: u64) -> u64 {
    std::env::var(setting).map_or(sample, |text| text.parse().expect("a number"))
}
