//! Requests and answers in JSON.

use moonlet::Version;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::script::{Cause, Failure, Outcome, Printed, ScriptError};

/// A version of Lua.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum LuaVersion {
    /// Lua 5.4
    #[default]
    #[serde(rename = "5.4")]
    Lua54,
    /// Lua 5.5
    #[serde(rename = "5.5")]
    Lua55,
}

impl LuaVersion {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Lua54 => "5.4",
            Self::Lua55 => "5.5",
        }
    }

    /// The one that is written so.
    pub fn named(text: &str) -> Option<Self> {
        [Self::Lua54, Self::Lua55].into_iter().find(|version| version.text() == text)
    }
}

impl From<LuaVersion> for Version {
    fn from(version: LuaVersion) -> Self {
        match version {
            LuaVersion::Lua54 => Self::Lua54,
            LuaVersion::Lua55 => Self::Lua55,
        }
    }
}

/// A script to be run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// The source.
    #[schema(example = "print('hello') return 1 + 1")]
    pub code: String,
    /// The name of the file that errors show; `code` by default.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// The session to run in, which keeps its state; a new state by default.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    pub session: Option<String>,
    /// The version of Lua: 5.4 by default, or the session's, which it has to be.
    pub lua: Option<LuaVersion>,
    /// Standard input; empty by default.
    pub input: Option<String>,
    /// Units of fuel, about an instruction of Lua each. The server's own limit holds, too.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    #[serde(default, deserialize_with = "whole")]
    pub fuel: Option<u64>,
    /// Bytes of memory. The server's own limit holds, too.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    #[serde(default, deserialize_with = "whole")]
    pub memory: Option<u64>,
    /// Milliseconds from its start to its end. The server's own limit holds, too.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    #[serde(default, deserialize_with = "whole")]
    pub timeout_ms: Option<u64>,
}

/// A whole number, which may be written as `5.0`: to JSON it is the same.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<serde_json::Number>::deserialize(deserializer)?;
    let Some(number) = number else { return Ok(None) };
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..=MOST).contains(float));
    let whole = number.as_u64().or(float.map(|float| float as u64));
    let wrong = || serde::de::Error::custom(format!("{number} is no whole number from 1 to 2^53 - 1"));
    whole.map(Some).ok_or_else(wrong)
}

/// The largest number of which all before it are exact, too.
const MOST: f64 = 9_007_199_254_740_991.0;

/// How a script ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunAnswer {
    /// Whether it ran to its end.
    pub ok: bool,
    /// What it returned. What JSON has no form for is an object with the field `lua`, which says what it is.
    #[schema(value_type = Option<Vec<Json>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Json>>,
    /// What ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorAnswer>,
    /// What it printed; empty when that was streamed.
    pub output: String,
    /// What it printed to standard error, and warnings.
    pub error_output: String,
    /// Whether it printed more than the limit, of which nothing is kept.
    pub output_truncated: bool,
    /// Units of fuel that it used.
    pub fuel_used: u64,
    /// Bytes that its state held at the end.
    pub memory_used: u64,
    /// The most that it held.
    pub memory_peak: u64,
    /// Milliseconds from its start to its end.
    pub time_ms: f64,
    /// The session, which is stored when this is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionNote>,
}

/// The error that ended a script.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorAnswer {
    /// What kind of error it is.
    pub kind: Cause,
    /// Lua's message.
    pub message: String,
    /// Lua's traceback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceback: Option<String>,
    /// The name of the file in which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk: Option<String>,
    /// The line in it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What was raised, where that is no text.
    #[schema(value_type = Option<Json>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// What `os.exit` was called with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// What became of the session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionNote {
    /// Its name.
    pub name: String,
    /// How often it was stored.
    pub version: i64,
    /// Whether it is now as the script left it. Otherwise it is as it was before.
    pub kept: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A session to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// Its name, by which everybody who knows it can use it; one that cannot be guessed by default.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    pub name: Option<String>,
    /// Its version of Lua; 5.4 by default.
    pub lua: Option<LuaVersion>,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionAnswer {
    /// Its name.
    pub name: String,
    /// Its version of Lua.
    pub lua: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last used.
    pub used_ms: i64,
    /// When it expires unless it is used before.
    pub expires_ms: i64,
    /// How often it was stored.
    pub version: i64,
    /// Bytes of its stored state.
    pub bytes: i64,
}

/// A piece of output, as events of streamed answers have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutputEvent {
    /// What was printed.
    pub text: String,
}

impl RunAnswer {
    /// The answer of an outcome that is the script's own.
    pub fn new(outcome: Outcome, printed: Printed, session: Option<SessionNote>) -> Result<Self, Failure> {
        let (values, error) = match outcome.result {
            Ok(values) => (Some(values), None),
            Err(Failure::Script(error)) => (None, Some((*error).into())),
            Err(failure) => return Err(failure),
        };
        Ok(Self {
            ok: error.is_none(),
            values,
            error,
            output: printed.output,
            error_output: printed.error_output,
            output_truncated: printed.truncated,
            fuel_used: outcome.fuel_used,
            memory_used: outcome.memory_used,
            memory_peak: outcome.memory_peak,
            // Microseconds are enough.
            time_ms: outcome.time.as_micros() as f64 / 1000.0,
            session,
        })
    }
}

impl From<ScriptError> for ErrorAnswer {
    fn from(error: ScriptError) -> Self {
        Self {
            kind: error.cause,
            message: error.message,
            traceback: error.traceback,
            chunk: error.chunk,
            line: error.line,
            value: error.value,
            exit_code: error.exit_code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fuel(text: &str) -> Option<Option<u64>> {
        let request = serde_json::from_str::<RunRequest>(&format!("{{\"code\":\"\",\"fuel\":{text}}}"));
        request.ok().map(|request| request.fuel)
    }

    #[test]
    fn numbers_may_be_written_in_any_way_that_is_whole() {
        assert_eq!(fuel("5"), Some(Some(5)));
        assert_eq!(fuel("5.0"), Some(Some(5)));
        assert_eq!(fuel("1e3"), Some(Some(1000)));
        assert_eq!(fuel("null"), Some(None));
        for wrong in ["5.5", "-1", "1e300", "\"5\"", "true"] {
            assert_eq!(fuel(wrong), None, "{wrong}");
        }
    }
}
