//! The command line as clap has it: for help, completions and the manual page, and to parse all but the options that are `lua`'s own,
//! whose order counts ([`crate::command_line`]).

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use moonlet::Version;

use crate::command_line::COMMANDS;
use crate::folders::Folder;
use crate::quantity;

/// Lua in a sandbox: runs scripts as `lua` does, within limits, and with nothing of this machine but what is given.
#[derive(Debug, Default, Parser)]
#[command(
    name = "moonlet",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    override_usage = "moonlet [OPTIONS] [SCRIPT [ARGUMENTS]...]\n       moonlet <COMMAND>",
    after_help = AFTER
)]
pub struct Options {
    /// What `lua` has, too
    #[command(flatten)]
    pub lua: LuaOptions,
    /// Limits
    #[command(flatten)]
    pub limits: Limits,
    /// What of this machine the script is given
    #[command(flatten)]
    pub world: World,
    /// The rest
    #[command(flatten)]
    pub run: RunOptions,
    /// Print help
    #[arg(long, action = ArgAction::Help, global = true, display_order = 1000)]
    help: Option<bool>,
    /// Print the version of moonlet
    #[arg(long = "version", action = ArgAction::Version)]
    own_version: Option<bool>,
    /// Something else than to run a script
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER: &str = "\
Without a script it reads one from standard input, or is interactive when that is a terminal.
`lua`'s own options come before the script, each by itself, and are carried out in their order.
A script called like a command is run by `moonlet ./repl`.";

/// The options of `lua`.
#[allow(dead_code, reason = "they are for help and completions; command_line reads them, in their order")]
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "As lua")]
pub struct LuaOptions {
    /// Execute the string STAT
    #[arg(short, value_name = "STAT")]
    execute: Vec<OsString>,
    /// Require MOD, and assign it to the global NAME, or MOD
    #[arg(short = 'l', value_name = "[NAME=]MOD")]
    library: Vec<OsString>,
    /// Be interactive after the script
    #[arg(short)]
    interactive: bool,
    /// Print the version of Lua
    #[arg(short = 'v')]
    show: bool,
    /// Ignore the variables LUA_INIT and LUA_PATH of the environment
    #[arg(short = 'E')]
    environment: bool,
    /// Turn warnings on
    #[arg(short = 'W')]
    warnings: bool,
    /// The script, or - for standard input
    #[arg(value_name = "SCRIPT", value_hint = ValueHint::FilePath, display_order = 20)]
    script: Option<PathBuf>,
    /// Its arguments, in `arg` and `...`
    #[arg(value_name = "ARGUMENTS", trailing_var_arg = true, allow_hyphen_values = true, display_order = 21)]
    arguments: Vec<OsString>,
}

/// Limits of a script.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Units of fuel, each about an instruction of Lua: 500000, 20M, 1G
    #[arg(long, value_name = "UNITS", value_parser = quantity::units)]
    pub fuel: Option<u64>,
    /// Bytes of memory: 65536, 64M, 1.5G; without it the 2 GiB that a module can have
    #[arg(long, value_name = "BYTES", value_parser = quantity::bytes)]
    pub memory: Option<u64>,
    /// Time on the clock: 500ms, 10s, 2m
    #[arg(long, value_name = "TIME", value_parser = quantity::time)]
    pub timeout: Option<Duration>,
}

/// What a script is given of the machine.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What the script is given")]
pub struct World {
    /// A folder, which the script sees under NAME (as under HOST without it); it can be written with :rw. `require` finds files in it
    #[arg(long, value_name = "HOST[:NAME][:rw]", value_hint = ValueHint::DirPath)]
    pub dir: Vec<Folder>,
    /// A variable for os.getenv: of this environment, or with a value
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub env: Vec<OsString>,
    /// Fix the seed, the clock and the time zone: equal runs print equal bytes
    #[arg(long)]
    pub deterministic: bool,
}

/// The rest of what a run can have.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Running")]
pub struct RunOptions {
    /// Which Lua
    #[arg(long = "lua", value_name = "VERSION", value_enum, default_value_t)]
    pub version: LuaVersion,
    /// Save the script into FILE when it waits for an answer, at Ctrl-C, and when its time is up; `moonlet resume FILE` goes on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub snapshot: Option<PathBuf>,
    /// Print fuel, memory and time on standard error at the end
    #[arg(long)]
    pub stats: bool,
}

/// A version of Lua.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LuaVersion {
    /// Lua 5.4
    #[default]
    #[value(name = "5.4")]
    Lua54,
    /// Lua 5.5
    #[value(name = "5.5")]
    Lua55,
}

impl LuaVersion {
    /// As the crate has it.
    pub fn version(self) -> Version {
        match self {
            Self::Lua54 => Version::Lua54,
            Self::Lua55 => Version::Lua55,
        }
    }

    /// What `lua -v` prints.
    pub fn copyright(self) -> &'static str {
        match self {
            Self::Lua54 => "Lua 5.4.9  Copyright (C) 1994-2026 Lua.org, PUC-Rio",
            Self::Lua55 => "Lua 5.5.1  Copyright (C) 1994-2026 Lua.org, PUC-Rio",
        }
    }

    /// What names of environment variables end in.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Lua54 => "_5_4",
            Self::Lua55 => "_5_5",
        }
    }
}

/// What `moonlet` does beside running scripts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluate what is typed, line by line, with history and completion
    Repl(ReplOptions),
    /// Go on with a script that --snapshot saved
    Resume(ResumeOptions),
    /// Serve Lua over HTTP, and the playground
    Serve(Box<moonlet_serve::ServeOptions>),
    /// Tell what is in a module, a snapshot or a precompiled chunk
    Inspect(InspectOptions),
    /// Print completions for a shell, to be put where that looks for them
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print a manual page, to be put into a folder such as share/man/man1
    Man {
        /// The page of this command
        #[arg(value_parser = COMMANDS)]
        command: Option<String>,
    },
}

/// Options of `moonlet repl`.
#[derive(Args, Debug)]
pub struct ReplOptions {
    /// Limits
    #[command(flatten)]
    pub limits: Limits,
    /// What of this machine it is given
    #[command(flatten)]
    pub world: World,
    /// Which Lua
    #[arg(long = "lua", value_name = "VERSION", value_enum, default_value_t)]
    pub version: LuaVersion,
    /// Run these files first
    #[arg(value_name = "SCRIPT", value_hint = ValueHint::FilePath)]
    pub scripts: Vec<OsString>,
}

/// Options of `moonlet resume`.
#[derive(Args, Debug)]
pub struct ResumeOptions {
    /// The file that --snapshot wrote
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What the call that the script waits for returns: strings, or with --json any values
    #[arg(value_name = "ANSWER", allow_hyphen_values = true)]
    pub answers: Vec<OsString>,
    /// Each ANSWER is a value in JSON
    #[arg(long)]
    pub json: bool,
    /// Raise MESSAGE as an error in the script in the place of an answer
    #[arg(long, value_name = "MESSAGE", conflicts_with_all = ["answers", "json"])]
    pub fail: Option<String>,
    /// The task that goes on, when several wait; `moonlet inspect FILE` lists them
    #[arg(long, value_name = "NUMBER")]
    pub task: Option<u32>,
    /// Where to save it when it waits again; FILE without it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub snapshot: Option<PathBuf>,
    /// Print fuel, memory and time on standard error at the end
    #[arg(long)]
    pub stats: bool,
    /// Limits
    #[command(flatten)]
    pub limits: Limits,
    /// A folder that the script was given: name it again
    #[arg(long, value_name = "HOST[:NAME][:rw]", value_hint = ValueHint::DirPath)]
    pub dir: Vec<Folder>,
    /// Fix the clock and the time zone
    #[arg(long)]
    pub deterministic: bool,
}

/// Options of `moonlet inspect`.
#[derive(Args, Debug)]
pub struct InspectOptions {
    /// A module (lua54.wasm), a snapshot, or a precompiled chunk
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
