//! The order of functions in a module.

use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module, RawSection};
use wasmparser::{Parser, Payload};

/// The module with that one of its functions in front of all others. It has no imports, so function 0 is the first that it defines.
pub fn first(wasm: &[u8], function: u32) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Renumber(function)
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let renumbered = module.finish();
    let mut module = Module::new();
    let (mut types, mut bodies) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(&renumbered) {
        match payload? {
            Payload::FunctionSection(section) => {
                types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
                to_front(&mut types, function)?;
                let mut section = FunctionSection::new();
                types.iter().for_each(|&kind| {
                    section.function(kind);
                });
                module.section(&section);
            }
            // Its entries follow, each a payload; the last one completes the section.
            Payload::CodeSectionStart { .. } => bodies.clear(),
            Payload::CodeSectionEntry(body) => {
                bodies.push(body.range());
                if bodies.len() == types.len() {
                    to_front(&mut bodies, function)?;
                    let mut section = CodeSection::new();
                    bodies.iter().for_each(|range| {
                        section.raw(&renumbered[range.clone()]);
                    });
                    module.section(&section);
                }
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    module.section(&RawSection { id, data: &renumbered[range] });
                }
            }
        }
    }
    Ok(module.finish())
}

/// The same change to the lines of a map, each a function's number and its name.
pub fn map_first(map: &str, function: u32) -> Result<String> {
    let mut lines = Vec::new();
    for line in map.lines() {
        let (number, name) = line.split_once(':').context("a line of a map has a number and a name")?;
        lines.push((moved(number.parse()?, function), name));
    }
    lines.sort_unstable();
    Ok(lines.iter().map(|(number, name)| format!("{number}:{name}\n")).collect())
}

fn to_front<T>(all: &mut [T], function: u32) -> Result<()> {
    all.get_mut(..=function as usize).context("a function of the module")?.rotate_right(1);
    Ok(())
}

/// The number of a function once another one is the first.
fn moved(number: u32, first: u32) -> u32 {
    match number {
        same if same == first => 0,
        before if before < first => before + 1,
        behind => behind,
    }
}

struct Renumber(u32);

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, reencode::Error<Infallible>> {
        Ok(moved(number, self.0))
    }
}
