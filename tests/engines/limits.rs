//! limits.toml: what an engine's own limits ask for, and why.

use std::fmt;

use moonlet_tests::tables::{self, Table};

const TEXT: &str = include_str!("limits.toml");

/// One table of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub engine: String,
    /// The engine's own name for what is limited.
    pub setting: String,
    /// What the tests set; without it they leave the engine as it is.
    pub value: Option<u32>,
    /// With this value the suite passes.
    pub enough: u32,
    /// With this value the suite traps.
    pub too_small: u32,
    pub reason: String,
}

impl Limit {
    fn read(table: &Table) -> Self {
        let text = |key: &str| table.get(key).unwrap_or_else(|| panic!("limits.toml: no {key} in {table:?}"));
        let number = |text: &str| text.parse().expect("a number in limits.toml");
        Self {
            engine: text("engine").into(),
            setting: text("setting").into(),
            value: table.get("value").map(number),
            enough: number(text("enough")),
            too_small: number(text("too_small")),
            reason: text("reason").into(),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, setting, enough, too_small, reason, .. } = self;
        write!(
            formatter,
            "limit: {engine}, {setting}: the suite takes {enough}, {too_small} is too small ({reason})"
        )
    }
}

/// All tables, in order.
pub fn limits() -> Vec<Limit> {
    tables::parse(TEXT).iter().map(Limit::read).collect()
}
