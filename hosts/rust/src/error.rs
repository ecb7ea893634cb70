//! Errors: one type, whose kind tells what to do.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::Value;
use crate::numbers::status;

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error of a host function.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// What kind of error one is, and so what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source is no Lua. The state goes on.
    Syntax,
    /// The script raised an error and did not catch it, or returned what cannot be handed over. The state goes on.
    Runtime,
    /// The script used up its memory. The state goes on.
    Memory,
    /// The script used up its fuel. The state goes on.
    Budget,
    /// The host ended the script: its time was up, or a [`Canceller`](crate::Canceller) was used. The state goes on.
    Cancelled,
    /// The script called `os.exit`; [`Error::exit_code`] is what it gave. The state goes on.
    Exit,
    /// The engine tore a call down. The state answers nothing until a snapshot is restored into it.
    Poisoned,
    /// The module refused the call: nothing ran, and nothing has changed.
    Refused,
    /// A value is not of the type asked for, or is one that cannot be handed over. The state goes on.
    Conversion,
    /// The state was closed.
    Closed,
    /// The bytes are no snapshot, are damaged, or are of another build. The state is as it was.
    Snapshot,
    /// The module cannot be compiled or started, or is none of Moonlet.
    Engine,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax",
            Self::Runtime => "runtime",
            Self::Memory => "memory",
            Self::Budget => "budget",
            Self::Cancelled => "cancelled",
            Self::Exit => "exit",
            Self::Poisoned => "poisoned",
            Self::Refused => "refused",
            Self::Conversion => "conversion",
            Self::Closed => "closed",
            Self::Snapshot => "snapshot",
            Self::Engine => "engine",
        })
    }
}

#[derive(Clone, Debug, Default)]
struct Details {
    message: String,
    traceback: Option<String>,
    chunk: Option<String>,
    line: Option<u32>,
    value: Option<Value>,
    exit_code: Option<i32>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// An error of a script, of a call, or of this crate.
///
/// It is shown as its message; [`traceback`](Self::traceback) is apart. Where a host function's own error ended the script,
/// [`source`](StdError::source) is that error.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    status: i32,
    details: Box<Details>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let status = match kind {
            ErrorKind::Poisoned => status::POISONED,
            ErrorKind::Cancelled => status::CANCELLED,
            _ => 0,
        };
        Self { kind, status, details: Box::new(Details { message: message.into(), ..Details::default() }) }
    }

    /// A value is not what the host asks for, or cannot be handed over: the error of conversions written by hand.
    pub fn conversion(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conversion, message)
    }

    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the Lua state was closed; make a new one")
    }

    pub(crate) fn poisoned(why: &str) -> Self {
        let message = format!("{why}; the state answers nothing more: restore a snapshot, or make a new one");
        Self::new(ErrorKind::Poisoned, message)
    }

    pub(crate) fn still_poisoned() -> Self {
        Self::poisoned("the engine tore an earlier call down")
    }

    /// The error that a status and its map tell of.
    pub(crate) fn from_status(number: i32, told: &Value) -> Self {
        let text = |key| match told.get(key) {
            Some(Value::String(text)) => Some(text.to_string_lossy().into_owned()),
            _ => None,
        };
        let kind = match number {
            status::ERRSYNTAX => ErrorKind::Syntax,
            status::ERRMEM => ErrorKind::Memory,
            status::BUDGET => ErrorKind::Budget,
            status::CANCELLED => ErrorKind::Cancelled,
            status::EXIT => ErrorKind::Exit,
            status::POISONED => ErrorKind::Poisoned,
            number if number >= status::BAD_ARGUMENT => ErrorKind::Refused,
            _ => ErrorKind::Runtime,
        };
        let details = Details {
            message: text("message").unwrap_or_else(|| format!("status {number}")),
            traceback: text("traceback"),
            chunk: text("chunk"),
            line: match told.get("line") {
                Some(Value::Integer(line)) => u32::try_from(*line).ok(),
                _ => None,
            },
            value: told.get("value").cloned(),
            ..Details::default()
        };
        Self { kind, status: number, details: Box::new(details) }
    }

    pub(crate) fn with_status(mut self, status: i32) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with_exit_code(mut self, code: i32) -> Self {
        self.details.exit_code = Some(code);
        self
    }

    pub(crate) fn with_source(mut self, source: Arc<dyn StdError + Send + Sync>) -> Self {
        self.details.source = Some(source);
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The number of ABI.md's table of statuses; 0 where the error is not the module's.
    pub fn status(&self) -> i32 {
        self.status
    }

    /// The message. Bytes of it that are no UTF-8 are replaced.
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// Lua's traceback, of several lines; runtime, memory and budget errors have one.
    pub fn traceback(&self) -> Option<&str> {
        self.details.traceback.as_deref()
    }

    /// The name of the chunk in which it happened, as Lua shows it.
    pub fn chunk(&self) -> Option<&str> {
        self.details.chunk.as_deref()
    }

    /// The line in that chunk, counted from 1.
    pub fn line(&self) -> Option<u32> {
        self.details.line
    }

    /// What the script raised, when that is no string and can be handed over: often a table.
    pub fn value(&self) -> Option<&Value> {
        self.details.value.as_ref()
    }

    /// What the script gave to `os.exit`; of errors of the kind [`Exit`](ErrorKind::Exit).
    pub fn exit_code(&self) -> Option<i32> {
        self.details.exit_code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.details.source.as_deref().map(|source| source as _)
    }
}

/// What a host function returns as its error to raise a value of its own in the script, such as a table.
///
/// Any other error is raised as a string, its message.
#[derive(Clone, Debug)]
pub struct Raise(pub Value);

impl fmt::Display for Raise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl StdError for Raise {}
