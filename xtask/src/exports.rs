//! Takes everything but the ABI out of the export table.
//!
//! `#[no_mangle]` makes each function of the shim an export, and so a root that keeps dead code alive.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ExportSection, Module};
use wasmparser::{ExportSectionReader, Parser};

/// The exports of ABI 1, one to a line.
const ABI: &str = include_str!("../../tests/golden/exports.txt");

struct Prune {
    kept: BTreeSet<String>,
}

impl Reencode for Prune {
    type Error = std::convert::Infallible;

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        for export in section {
            let export = export?;
            if names().any(|name| name == export.name) {
                self.kept.insert(export.name.to_string());
                self.parse_export(exports, export)?;
            }
        }
        Ok(())
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    ABI.lines().filter_map(|line| line.split_whitespace().next())
}

/// The module with no exports but those of the ABI, all of which it must have.
pub fn prune(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut pruned = Module::new();
    let mut prune = Prune { kept: BTreeSet::new() };
    prune.parse_core_module(&mut pruned, Parser::new(0), wasm)?;
    for name in names() {
        ensure!(prune.kept.contains(name), "the module does not export {name}, which the ABI names");
    }
    Ok(pruned.finish())
}
