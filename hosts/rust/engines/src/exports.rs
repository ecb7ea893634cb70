//! What the engines that this program adds to the crate have in common.

use moonlet::engine::Export;
use moonlet::{Error, Result};

/// An instance's functions, of an engine's type.
pub struct Exports<F> {
    /// In the order of [`Export::ALL`].
    pub calls: Vec<F>,
    pub set: F,
    pub get: F,
    pub compact: F,
}

impl<F> Exports<F> {
    /// Looks each up by its name.
    pub fn new(find: impl Fn(&str) -> Result<F>) -> Result<Self> {
        Ok(Self {
            calls: Export::ALL.iter().map(|export| find(export.name())).collect::<Result<_>>()?,
            set: find("set")?,
            get: find("get")?,
            compact: find("compact")?,
        })
    }
}

pub fn failed(error: impl std::fmt::Display) -> Error {
    Error::conversion(error.to_string())
}
