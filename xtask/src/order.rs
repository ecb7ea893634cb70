//! The order of functions in a module.

use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{Parser, Payload};

use crate::section;

/// The module with that one of its functions in front of all others, in the place of another one, which takes its own: so all other numbers
/// stay. It has no imports, so function 0 is the first that it defines.
pub fn first(wasm: &[u8], function: u32) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Renumber(function)
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let renumbered = module.finish();
    let (mut types, mut bodies) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(&renumbered) {
        match payload? {
            Payload::FunctionSection(section) => {
                types = section.into_iter().collect::<Result<Vec<u32>, _>>()?
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            _ => {}
        }
    }
    swap_first(&mut types, function)?;
    swap_first(&mut bodies, function)?;
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for (kind, body) in types.into_iter().zip(bodies) {
        functions.function(kind);
        code.raw(&renumbered[body]);
    }
    section::replaced(&section::replaced(&renumbered, &functions)?, &code)
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

fn swap_first<T>(all: &mut [T], function: u32) -> Result<()> {
    all.get_mut(..=function as usize).context("a function of the module")?.swap(0, function as usize);
    Ok(())
}

/// The number of a function once that other one is the first.
fn moved(number: u32, first: u32) -> u32 {
    match number {
        same if same == first => 0,
        0 => first,
        other => other,
    }
}

struct Renumber(u32);

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, reencode::Error<Infallible>> {
        Ok(moved(number, self.0))
    }
}

#[cfg(test)]
mod tests {
    use wasmi::{Engine, Linker, Module, Store};

    use super::*;

    /// Functions of two types, which name each other by calls, a table, a start and exports.
    const MODULE: &str = r#"(module
        (type $plain (func (result i32)))
        (table 2 funcref)
        (elem (i32.const 0) $three $ten)
        (global $started (mut i32) (i32.const 0))
        (start $begin)
        (func $three (result i32) i32.const 3)
        (func $ten (result i32) (i32.add (call $three) (i32.const 7)))
        (func $begin (global.set $started (i32.const 100)))
        (func $sum (export "sum") (param $place i32) (result i32)
            (i32.add
                (i32.add (call $ten) (global.get $started))
                (call_indirect (type $plain) (local.get $place)))))"#;

    fn sum(wasm: &[u8], place: i32) -> i32 {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).expect("a valid module");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("an instance");
        let sum = instance.get_typed_func::<i32, i32>(&store, "sum").expect("the export");
        sum.call(&mut store, place).expect("no trap")
    }

    fn bodies(wasm: &[u8]) -> Vec<&[u8]> {
        let payloads = Parser::new(0).parse_all(wasm).map(|payload| payload.expect("a module"));
        payloads
            .filter_map(|payload| match payload {
                Payload::CodeSectionEntry(body) => Some(&wasm[body.range()]),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn each_function_can_come_first_and_nothing_else_changes() {
        let wasm = wat::parse_str(MODULE).expect("a module");
        for function in 0..4 {
            let moved = first(&wasm, function).expect("another module");
            assert_eq!((sum(&moved, 0), sum(&moved, 1)), (113, 120), "with function {function} in front");
            let (before, after) = (bodies(&wasm), bodies(&moved));
            assert_eq!(before[function as usize].len(), after[0].len());
            assert_eq!(before[0].len(), after[function as usize].len());
        }
        assert!(first(&wasm, 4).is_err(), "there is no such function");
    }

    #[test]
    fn a_map_changes_as_the_module_does() {
        assert_eq!(map_first("0:a\n1:b\n2:c\n", 2).expect("a map"), "0:c\n1:b\n2:a\n");
        assert!(map_first("0 a\n", 0).is_err());
    }
}
