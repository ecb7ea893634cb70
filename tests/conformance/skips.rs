//! skips.toml: what the suites' files hold that does not run here, and why.

use std::fmt;

use moonlet_tests::Version;
use moonlet_tests::tables::{self, Table};

const TEXT: &str = include_str!("skips.toml");

/// One table of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// `skip` or `stand_in`.
    pub kind: String,
    pub file: String,
    /// First and last line, or `all`, in each version that has them.
    lua54: Option<String>,
    lua55: Option<String>,
    pub reason: String,
}

impl Entry {
    /// The lines in that version's file.
    pub fn lines(&self, version: Version) -> Option<&str> {
        match version {
            Version::Lua54 => self.lua54.as_deref(),
            Version::Lua55 => self.lua55.as_deref(),
        }
    }

    /// The first line, where it is a part of a file.
    pub fn first_line(&self, version: Version) -> Option<usize> {
        self.lines(version)?.split('-').next()?.parse().ok()
    }

    fn set(&mut self, key: &str, value: &str) {
        match key {
            "file" => self.file = value.into(),
            "lua54" => self.lua54 = Some(value.into()),
            "lua55" => self.lua55 = Some(value.into()),
            "reason" => self.reason = value.into(),
            _ => panic!("skips.toml knows no {key}"),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [("5.4", &self.lua54), ("5.5", &self.lua55)];
        write!(formatter, "{}: {}", self.kind.replace('_', "-"), self.file)?;
        for (version, lines) in lines {
            if let Some(lines) = lines {
                write!(formatter, ", {version}: {lines}")?;
            }
        }
        write!(formatter, ": {}", self.reason)
    }
}

/// All tables, in order.
pub fn entries() -> Vec<Entry> {
    let entry = |table: &Table| {
        let mut entry = Entry { kind: table.kind.clone(), ..Entry::default() };
        for (key, value) in &table.values {
            entry.set(key, value);
        }
        entry
    };
    tables::parse(TEXT).iter().map(entry).collect()
}
