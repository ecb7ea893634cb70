//! What can go wrong, said so that the reader knows where it is and what to do.

use std::fmt;

/// Why a module could not be lowered.
#[derive(Debug)]
pub enum Error {
    /// The input is not a valid core WebAssembly module.
    Invalid { offset: usize, message: String },
    /// The input is valid, but holds something that has no equivalent without exceptions.
    Refused(Box<Refusal>),
    /// The output did not validate. This is a defect of this tool, never of the input.
    Defect { message: String },
}

/// What was refused, and where.
#[derive(Debug)]
pub struct Refusal {
    /// The function, or the part of the module, such as `function 3 "run"` or `tag 0`.
    pub place: String,
    /// The instruction or declaration, as it is written in the text format.
    pub instruction: String,
    /// Byte offset in the binary module.
    pub offset: usize,
    pub reason: String,
    pub advice: String,
}

impl Error {
    pub(crate) fn invalid(error: &wasmparser::Error) -> Self {
        Error::Invalid { offset: error.offset(), message: error.message().to_string() }
    }

    pub(crate) fn refused(
        place: impl Into<String>,
        instruction: impl Into<String>,
        offset: usize,
        reason: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Error::Refused(Box::new(Refusal {
            place: place.into(),
            instruction: instruction.into(),
            offset,
            reason: reason.into(),
            advice: advice.into(),
        }))
    }
}

impl From<wasmparser::Error> for Error {
    fn from(error: wasmparser::Error) -> Self {
        Error::invalid(&error)
    }
}

impl From<wasm_encoder::reencode::Error<Error>> for Error {
    fn from(error: wasm_encoder::reencode::Error<Error>) -> Self {
        match error {
            wasm_encoder::reencode::Error::UserError(error) => error,
            wasm_encoder::reencode::Error::ParseError(error) => Error::invalid(&error),
            other => Error::Defect { message: other.to_string() },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid { offset, message } => {
                write!(out, "not a valid WebAssembly module: {message} (at byte {offset:#x})")
            }
            Error::Refused(refusal) => write!(
                out,
                "cannot lower {}: `{}` at byte {:#x}: {}; {}",
                refusal.place, refusal.instruction, refusal.offset, refusal.reason, refusal.advice
            ),
            Error::Defect { message } => {
                write!(out, "defect in lower-eh: {message}; please report it together with the module")
            }
        }
    }
}

impl std::error::Error for Error {}
