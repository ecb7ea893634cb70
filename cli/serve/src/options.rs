//! Options of the server, as the command line has them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// Options of `moonlet serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// Address and port to listen at; others than loopback let the network in
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", env = "MOONLET_LISTEN")]
    pub listen: SocketAddr,

    /// Where sessions are kept: a file of SQLite, or postgres://USER@HOST/NAME [default: sessions.db in the user's data folder]
    #[arg(long, value_name = "FILE|ADDRESS", env = "MOONLET_DATABASE", hide_env_values = true)]
    pub database: Option<String>,

    /// A file with the tokens that requests must bear, a name and a token in each line
    #[arg(long, value_name = "FILE", env = "MOONLET_TOKENS")]
    pub tokens: Option<PathBuf>,

    /// An origin whose pages may call the API, such as https://example.org, or * for all; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub cors: Vec<String>,

    /// Take the client's address from the last entry of X-Forwarded-For: for a server that only a proxy reaches
    #[arg(long)]
    pub forwarded: bool,

    /// A folder for compiled code, that nobody else can write to [default: moonlet in the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    pub cache: Option<PathBuf>,

    /// How long requests that run may go on after a signal to stop
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub grace: Duration,

    /// The form of the log, which goes to standard error
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: LogForm,

    /// What one script may use.
    #[command(flatten)]
    pub script: ScriptLimits,

    /// How much is done at once.
    #[command(flatten)]
    pub load: LoadLimits,

    /// How many sessions are kept, and how long.
    #[command(flatten)]
    pub sessions: SessionLimits,
}

/// What one script may use. Requests can ask for less.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of a script")]
pub struct ScriptLimits {
    /// Units of fuel, about an instruction of Lua each
    #[arg(long, value_name = "UNITS", default_value = "100000000", value_parser = fuel)]
    pub fuel: u64,

    /// Bytes of memory
    #[arg(long, value_name = "BYTES", default_value = "32M", value_parser = memory)]
    pub memory: u64,

    /// Time from its start to its end
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub timeout: Duration,

    /// Bytes of what it prints; what is beyond them is dropped, and the answer says so
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = size)]
    pub output: u64,

    /// Bytes of what it returns
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = size)]
    pub result: u64,
}

/// How much is done at once.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of load")]
pub struct LoadLimits {
    /// Scripts in progress at once; they share the processor in slices
    #[arg(long, value_name = "COUNT", default_value = "64", value_parser = count)]
    pub running: u32,

    /// Requests that wait until one of those ends; more are refused with 503
    #[arg(long, value_name = "COUNT", default_value = "256")]
    pub queue: u32,

    /// How long a request waits before it is refused with 503
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = time)]
    pub wait: Duration,

    /// Threads that run new scripts, and as many that run long ones [default: one for each processor]
    #[arg(long, value_name = "COUNT", value_parser = count)]
    pub threads: Option<u32>,

    /// Connections at once
    #[arg(long, value_name = "COUNT", default_value = "1024", value_parser = count)]
    pub connections: u32,

    /// Bytes of a request's body
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = size)]
    pub body: u64,

    /// How long a request's body may take to arrive
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = time)]
    pub body_time: Duration,

    /// Connections of one client address at once, but with --forwarded, where all are the proxy's; 0 is no limit
    #[arg(long, value_name = "COUNT", default_value = "64")]
    pub client_connections: u32,

    /// Requests of one client address in progress at once; 0 is no limit
    #[arg(long, value_name = "COUNT", default_value = "16")]
    pub client_running: u32,

    /// Requests of one client address in a second, as an average; 0 is no limit
    #[arg(long, value_name = "COUNT", default_value = "50")]
    pub client_rate: u32,
}

/// How many sessions are kept, and how long.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of sessions")]
pub struct SessionLimits {
    /// Sessions that are kept; beyond them those that were not used for longest expire
    #[arg(long = "sessions", value_name = "COUNT", default_value = "10000", value_parser = count)]
    pub number: u32,

    /// How long a session is kept after it was last used
    #[arg(long = "session-age", value_name = "TIME", default_value = "7d", value_parser = time)]
    pub age: Duration,

    /// Bytes that the stored state of a session may have
    #[arg(long = "session-bytes", value_name = "BYTES", default_value = "8M", value_parser = size)]
    pub bytes: u64,

    /// Sessions of one client address; 0 is no limit
    #[arg(long = "client-sessions", value_name = "COUNT", default_value = "100")]
    pub of_client: u32,

    /// Bytes that a database of SQLite may have, so that it never fills the disk [default: no limit]
    #[arg(long = "database-bytes", value_name = "BYTES", value_parser = size)]
    pub database_bytes: Option<u64>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines to read
    Text,
    /// An object of JSON in each line
    Json,
}

/// A number with the unit that `units` gives a factor for.
fn scaled(text: &str, units: &[(&str, u64)], example: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let value =
        number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    match value {
        Some(0) | None => Err(format!("write a number above 0 with a unit, such as {example}")),
        Some(value) => Ok(value),
    }
}

/// Bytes: `65536`, `64K`, `32M`, `1G`.
fn size(text: &str) -> Result<u64, String> {
    let bytes = scaled(text, &[("", 1), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30)], "32M")?;
    if bytes < 1 << 40 { Ok(bytes) } else { Err("more than 1024G is too much".into()) }
}

/// Bytes of a state's memory, which cannot have more than 2 GiB.
fn memory(text: &str) -> Result<u64, String> {
    match size(text)? {
        bytes @ 0x1_0000..=0x8000_0000 => Ok(bytes),
        _ => Err("a script's memory is from 64K to 2G".into()),
    }
}

/// A time: `500ms`, `10s`, `5m`, `2h`, `7d`.
fn time(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let millis = scaled(text, &units, "10s")?;
    if millis <= 36_500 * 86_400_000 {
        Ok(Duration::from_millis(millis))
    } else {
        Err("that is over 100 years".into())
    }
}

/// Units of fuel.
fn fuel(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(units @ 1..=0xff_ffff_ffff) => Ok(units),
        _ => Err("write a number from 1 to 1099511627775".into()),
    }
}

fn count(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(count @ 1..=1_000_000) => Ok(count),
        _ => Err("write a number from 1 to 1000000".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(size("64K"), Ok(65_536));
        assert_eq!(size("12"), Ok(12));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("7d"), Ok(Duration::from_secs(7 * 86_400)));
        for wrong in ["", "M", "1X", "0", "-1", "1.5M", "99999999999999999999", "18446744073709551615K"] {
            assert!(size(wrong).is_err(), "{wrong}");
            assert!(time(wrong).is_err(), "{wrong}");
        }
        assert!(memory("1K").is_err());
        assert!(memory("3G").is_err());
    }
}
