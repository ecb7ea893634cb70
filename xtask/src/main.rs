//! The build driver: `cargo xtask --help`.

mod bench;
mod check;
mod dist;
mod exports;
mod fuzz;
mod hooks;
mod hosts;
mod module;
mod native;
mod operands;
mod order;
mod readme;
mod run;
mod section;
mod sizes;
mod split;
mod tables;
mod tools;
mod web;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use module::Variant;

/// Builds Moonlet, runs Lua through it, and packs what is shipped.
#[derive(Parser)]
#[command(name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the module and run a Lua script through it: its output, then what it returns
    Run {
        /// The script; the .lua files beside and below it can be required
        #[arg(default_value = "docs/examples/tour.lua")]
        script: PathBuf,
        #[arg(long, default_value = "lua54")]
        lua: Lua,
    },
    /// Build target/moonlet/lua54.wasm and lua55.wasm, as they are shipped
    Build {
        /// The mini variants, lua54-mini.wasm and lua55-mini.wasm, in their place
        #[arg(long)]
        mini: bool,
        /// Without wasm-opt: in half the time, for trying a change by hand
        #[arg(long)]
        quick: bool,
        /// Only this one
        lua: Option<Lua>,
    },
    /// Run every test and check; with a filter, only the tests whose names hold it
    Test { filter: Option<String> },
    /// Run the promises, hostile scripts and that many random sequences of calls on the mini variants
    Mini {
        #[arg(long, default_value_t = 20_000)]
        sequences: u64,
    },
    /// Call compute that often in one instance: memory stays flat
    Soak {
        #[arg(default_value_t = 1_000_000)]
        count: u64,
    },
    /// Split the functions that are too large for HotSpot at their switches: of dist/ into target/split/, which the Java package is
    /// made of, or of another module
    Split {
        #[arg(requires = "output")]
        input: Option<PathBuf>,
        output: Option<PathBuf>,
    },
    /// Use up so much MEMORY in many ways, and print the pages that each takes
    Pages {
        #[arg(default_value_t = 8)]
        mebibytes: u64,
    },
    /// Run Lua's official test suites in the modules, and in native Lua to compare the assertions
    Conformance,
    /// Run the suites in their form for users, and the golden scripts, on Node, wasmi and pywasm3
    Engines,
    /// Compare random programs in the modules with native Lua, built from the same C files
    Differential {
        #[arg(long, default_value_t = 100_000)]
        programs: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Make allocations fail, each once and from then on, and refuse memory at every page
    Faults {
        #[arg(long, default_value_t = u64::MAX)]
        faults: u64,
    },
    /// Call every function with extreme arguments, and run each hostile script in every position with several budgets: what a unit
    /// of fuel takes
    Hostile,
    /// Build the module with one hook of src/lua left out at a time: for each a test that falls then
    Hooks {
        /// Only this one
        name: Option<String>,
        /// By these tests in the place of the table's, such as "charges lua54"
        #[arg(long, requires = "name")]
        by: Vec<String>,
    },
    /// Time kernels on native Lua, the modules and other Luas: a table, target/bench/, docs/speed.svg
    Bench(bench::Options),
    /// What embedding costs: instances, calls, values, snapshots, memory, beside mlua and wasmoon
    BenchEmbed,
    /// Count the instructions of kernels and opcodes, which must not grow over tests/golden (BLESS=1 writes it)
    BenchSteady(bench::steady::Options),
    /// Our module and wasmoon, or two modules, in turns of a few milliseconds: on Node, or on wasmtime
    BenchPairs(bench::pairs::Options),
    /// Pause scripts after every k-th unit of fuel, from 1 to `slices`: nothing that they leave differs
    Slices {
        #[arg(long, default_value_t = 200)]
        programs: u64,
        #[arg(long, default_value_t = 64)]
        slices: u64,
    },
    /// Compare all of memory after each of so many calls on wasmtime and on Node
    Determinism {
        #[arg(long, default_value_t = 100_000)]
        steps: u64,
    },
    /// Compare random calls of the C library's functions with glibc: so many in all
    Glibc {
        #[arg(long, default_value_t = 10_000_000)]
        cases: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Make that many random sequences of calls of the exports, and compare every answer with a model
    Sequences {
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Make that many random calls of every function of every library, inside the instances: none traps
    Calls {
        #[arg(long, default_value_t = 10_000_000)]
        count: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Run the fuzz targets and the random programs against native Lua for so many seconds in all
    Fuzz {
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Restore snapshots after every step, on wasmtime and Node, forked, damaged, and after calls torn down by the engine
    Snapshots {
        /// Orders in which the scripts run
        #[arg(long, default_value_t = 20)]
        seeds: u64,
        /// Bits of a payload flipped
        #[arg(long, default_value_t = 10_000)]
        flips: u64,
        /// Calls torn down
        #[arg(long, default_value_t = 10_000)]
        traps: u64,
    },
    /// Kill that many processes that store a snapshot after each step: nothing is lost, nothing is done twice
    Crash {
        #[arg(long, default_value_t = 1000)]
        kills: u64,
    },
    /// Put the host packages into dist/, beside the modules
    Packages,
    /// Run the host packages on the engines and browsers of their languages (BLESS=1 writes README's table and docs/engines.json)
    Hosts {
        /// Only these packages; the rows of the others are those of their last run
        #[arg(value_parser = hosts::PACKAGES)]
        packages: Vec<String>,
    },
    /// Carry one computation through the packages of all languages
    Chain,
    /// The package for C
    #[command(subcommand)]
    C(hosts::c::Task),
    /// A million evaluations by each host package: memory stays flat
    SoakHosts,
    /// Compare the host packages with other Luas of their languages
    BenchHosts,
    /// Run the tests of the command, and time it beside native Lua
    CliTest,
    /// Put the server under load for so many seconds at a time, hostile scripts among the others
    Load {
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Put the playground into web/dist
    Web,
    /// Run the tests of the playground, those in browsers too
    WebTest,
    /// Serve the playground; the arguments are those of `moonlet serve`
    Serve {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The sizes of what is shipped beside those of others, and where the bytes are (BLESS=1 writes the golden sizes)
    Sizes,
    /// Pack dist/: four modules, their hashes and their sizes
    Dist,
    /// Check that the sources are formatted, free of warnings, and hold nothing generated
    Check,
}

/// A version of Lua, by its cargo feature.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lua {
    Lua54,
    Lua55,
}

impl Lua {
    const ALL: [Self; 2] = [Self::Lua54, Self::Lua55];

    fn name(self) -> &'static str {
        match self {
            Self::Lua54 => "lua54",
            Self::Lua55 => "lua55",
        }
    }

    /// As people write it.
    fn title(self) -> &'static str {
        match self {
            Self::Lua54 => "Lua 5.4",
            Self::Lua55 => "Lua 5.5",
        }
    }

    /// Its folder in `lua-src`.
    fn source_folder(self) -> &'static str {
        match self {
            Self::Lua54 => "lua-5.4.9",
            Self::Lua55 => "lua-5.5.1",
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project's folder")
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs `command` to its end; an error names it when it fails.
fn finish(command: &mut Command) -> Result<()> {
    let name = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

fn task(task: Task) -> Result<ExitCode> {
    match task {
        Task::Run { script, lua } => return run::run(&module::build(lua)?, &script),
        Task::Build { mini, quick, lua } => {
            let variant = if mini { Variant::Mini } else { Variant::Full };
            for lua in Lua::ALL.into_iter().filter(|one| lua.is_none_or(|only| only == *one)) {
                if quick {
                    module::build_quickly(lua, variant)?;
                } else {
                    module::build_variant(lua, variant)?;
                }
            }
        }
        Task::Test { filter } => check::test(filter.as_deref())?,
        Task::Mini { sequences } => check::mini(sequences)?,
        Task::Split { input: Some(input), output: Some(output) } => split::file(&input, &output)?,
        Task::Split { .. } => split::dist()?,
        Task::Soak { count } => check::soak(count)?,
        Task::Pages { mebibytes } => check::pages(mebibytes)?,
        Task::Conformance => check::conformance()?,
        Task::Engines => check::engines()?,
        Task::Differential { programs, seed } => {
            check::program("differential", &[("PROGRAMS", programs), ("SEED", seed)])?;
        }
        Task::Faults { faults } => check::program("faults", &[("FAULTS", faults)])?,
        Task::Hostile => {
            check::program("charges", &[("ROUNDS", 100)])?;
            check::program("hostile", &[("FULL", 1)])?;
        }
        Task::Hooks { name, by } => match name {
            Some(name) if !by.is_empty() => hooks::try_tests(&name, &by)?,
            name => hooks::hooks(name.as_deref())?,
        },
        Task::Packages => hosts::packages()?,
        Task::SoakHosts => hosts::soak()?,
        Task::Hosts { packages } => hosts::engines::hosts(&packages)?,
        Task::Chain => hosts::chain()?,
        Task::C(task) => hosts::c::run(task)?,
        Task::BenchHosts => hosts::bench()?,
        Task::CliTest => check::command()?,
        Task::Load { seconds } => web::load(seconds)?,
        Task::Web => web::build()?,
        Task::WebTest => web::test_page()?,
        Task::Serve { arguments } => web::serve(&arguments)?,
        Task::BenchEmbed => bench::embed::embed()?,
        Task::BenchSteady(options) => bench::steady::steady(&options)?,
        Task::BenchPairs(options) => bench::pairs::pairs(&options)?,
        Task::Bench(options) => bench::bench(&options)?,
        Task::Slices { programs, slices } => {
            check::program("slices", &[("PROGRAMS", programs), ("SLICES", slices)])?;
        }
        Task::Determinism { steps } => check::program("determinism", &[("STEPS", steps)])?,
        Task::Glibc { cases, seed } => check::glibc(cases, seed)?,
        Task::Sequences { count, seed } => {
            check::program("sequences", &[("COUNT", count), ("SEED", seed)])?;
        }
        Task::Calls { count, seed } => check::calls(count, seed)?,
        Task::Fuzz { seconds } => fuzz::fuzz(seconds)?,
        Task::Snapshots { seeds, flips, traps } => {
            check::program("snapshots", &[("SEEDS", seeds), ("FLIPS", flips), ("TRAPS", traps)])?;
        }
        Task::Crash { kills } => check::crash(kills)?,
        Task::Sizes => sizes::print()?,
        Task::Dist => dist::dist().map(|_| ())?,
        Task::Check => check::check()?,
    }
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    match task(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
