//! Sections of a module.

use anyhow::Result;
use wasm_encoder::{Module, RawSection, Section};
use wasmparser::Parser;

/// The module with that section in the place of its own of the same kind.
pub fn replaced(wasm: &[u8], section: &impl Section) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload?.as_section() {
            Some((id, _)) if id == section.id() => module.section(section),
            Some((id, range)) => module.section(&RawSection { id, data: &wasm[range] }),
            None => continue,
        };
    }
    Ok(module.finish())
}
