//! What a state was made with.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::Export;
use crate::machine::{Machine, PAGE};
use crate::numbers::{library, option, status};
use crate::{Error, ErrorKind, Result, files};

/// Where the time of `os.time` and `os.clock` comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// The system, at every run.
    System,
    /// Seconds since 1970, which stay.
    Fixed(f64),
}

/// Takes pieces of output.
pub type Sink = Arc<dyn Fn(&[u8]) + Send + Sync>;
/// Gives pieces of input; none is the end.
pub type Source = Arc<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;

/// Options of the module by their numbers, and what this crate does by itself.
pub struct Settings {
    pub options: Mutex<Vec<(u32, f64)>>,
    /// As those, but only for a state that has not run.
    pub first: Vec<(u32, f64)>,
    pub time_zone: Option<String>,
    pub clock: Clock,
    pub timeout: Option<Duration>,
    pub nesting: u32,
    pub output: Option<Sink>,
    pub error_output: Option<Sink>,
    pub input: Option<Source>,
}

/// The pages that a state with so many bytes may reach into; 0 is no limit.
pub fn pages(memory: u64) -> f64 {
    memory.saturating_mul(2).div_ceil(PAGE as u64).min(32_768) as f64
}

impl Settings {
    /// The options that [`apply`](Self::apply) sets.
    pub fn options(&self) -> MutexGuard<'_, Vec<(u32, f64)>> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of one of them.
    pub fn option(&self, key: u32) -> f64 {
        self.options().iter().find(|option| option.0 == key).map_or(0.0, |option| option.1)
    }

    /// Gives one of them another value, in the state too.
    pub fn change(&self, machine: &mut Machine, key: u32, value: f64) -> Result<()> {
        machine.set(key, value)?;
        for option in self.options().iter_mut().filter(|option| option.0 == key) {
            option.1 = value;
        }
        Ok(())
    }

    /// Sets what a restore brings from elsewhere, too.
    pub fn apply(&self, machine: &mut Machine) -> Result<()> {
        for (key, value) in &*self.options() {
            machine.set(*key, *value)?;
        }
        let has_time = machine.holds(library::OS);
        if let Clock::Fixed(seconds) = self.clock
            && has_time
        {
            machine.set(option::CLOCK, seconds)?;
        }
        if let Some(zone) = &self.time_zone
            && !has_time
        {
            // Without clocks all of it is deterministic.
            return if zone == "UTC0" { Ok(()) } else { files::done(status::BAD_STATE, "a time zone") };
        }
        if let Some(zone) = &self.time_zone
            && machine.give(Export::TimeZone, None, zone.as_bytes())? != status::OK
        {
            let message = format!(
                "{zone:?} is no time zone in the form of POSIX; write one like CET-1CEST,M3.5.0,M10.5.0/3"
            );
            return Err(Error::new(ErrorKind::Refused, message));
        }
        Ok(())
    }

    /// Sets all of it in a new state.
    pub fn begin(&self, machine: &mut Machine) -> Result<()> {
        for (key, value) in &self.first {
            machine.set(*key, *value)?;
        }
        self.apply(machine)
    }

    /// Hands on what was printed.
    pub fn deliver(&self, output: &[u8], errors: &[u8]) {
        if !output.is_empty() {
            deliver(&self.output, output, &mut std::io::stdout());
        }
        if !errors.is_empty() {
            deliver(&self.error_output, errors, &mut std::io::stderr());
        }
    }
}

/// Hands bytes to the host's function, else to the process's stream.
fn deliver(sink: &Option<Sink>, bytes: &[u8], stream: &mut dyn Write) {
    match sink {
        Some(function) => function(bytes),
        None => {
            // A process whose stream is closed loses what it prints, as any other.
            let _ = stream.write_all(bytes).and_then(|()| stream.flush());
        }
    }
}
