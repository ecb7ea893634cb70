//! Splits functions that are too large for a compiler that gives up on them, at the switch that they are around.
//!
//! HotSpot compiles no method of more than 8,000 bytes, and the interpreter's loop is one of 20,000. Here each large arm of the
//! switch becomes a function of its own. What an arm reads of the local variables are its parameters. It answers, in one i64, by
//! which way it left, with the variable that most ways change; what else it changed it leaves in globals, which the switch takes
//! back at once. So the module does what it did, and between calls its memory is what it was.
//!
//! ```text
//! loop $next                          loop $next
//!   block $add                          block $taken
//!     block $move                         block $a
//!       …                                   …
//!       br_table $move $add                 br_table $move $a
//!     end                                 end
//!     … br $next                          call $add.arm (the variables that it reads)
//!   end                                   local.set $answer
//!   … br $next or br $leave             end
//! end                                   by $answer: take back what changed, br $next or br $leave
//! ```
//!
//! The modules in it: `body` reads a function and finds which variables count where, `arms` finds the arms and how they are left, `emit` writes.

mod arms;
mod body;
mod emit;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, FunctionSection, GlobalSection, GlobalType, Module, RawSection, TypeSection,
    ValType,
};
use wasmparser::{Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::root;
use body::Body;

/// Sizes are estimates of bytes of Java's bytecode.
pub struct Limits {
    /// Functions up to this size stay as they are.
    pub whole: usize,
    /// What is left of a function that is split is at most as large, if its arms allow that.
    pub rest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { whole: 7_000, rest: 3_000 }
    }
}

/// What was done to one function.
pub struct Split {
    pub function: u32,
    pub before: usize,
    pub after: usize,
    pub arms: usize,
    pub largest_arm: usize,
}

/// Splits the functions of a file's module, and tells of each.
pub fn file(input: &Path, output: &Path) -> Result<()> {
    for Split { function, before, after, arms, largest_arm } in rewrite(input, output)? {
        println!(
            "function {function}: about {before} bytes, now {after} and {arms} arms, the largest {largest_arm}"
        );
    }
    Ok(())
}

/// Splits the modules of `dist/` into `target/split/`, where the Java package takes them from.
pub fn dist() -> Result<()> {
    let folder = root().join("target/split");
    fs::create_dir_all(&folder)?;
    for name in ["lua54.wasm", "lua55.wasm", "lua54-mini.wasm", "lua55-mini.wasm"] {
        rewrite(&root().join("dist").join(name), &folder.join(name))?;
    }
    Ok(())
}

fn rewrite(input: &Path, output: &Path) -> Result<Vec<Split>> {
    let wasm = fs::read(input).with_context(|| input.display().to_string())?;
    let (split, done) = module(&wasm, &Limits::default()).with_context(|| input.display().to_string())?;
    fs::write(output, split).with_context(|| output.display().to_string())?;
    Ok(done)
}

/// New functions and globals, as they come together.
#[derive(Default)]
struct Additions {
    /// How many types the module has, and those that are new.
    types: u32,
    new_types: Vec<(Vec<ValType>, Vec<ValType>)>,
    /// How many functions it has, and the types of those that are new, with their bodies.
    functions: u32,
    new_functions: Vec<(u32, wasm_encoder::Function)>,
    globals: u32,
    new_globals: Vec<ValType>,
}

impl Additions {
    fn function(&mut self, params: Vec<ValType>, body: wasm_encoder::Function) -> u32 {
        let ty = (params, vec![ValType::I64]);
        let at = self.new_types.iter().position(|known| *known == ty).unwrap_or_else(|| {
            self.new_types.push(ty);
            self.new_types.len() - 1
        });
        self.new_functions.push((self.types + at as u32, body));
        self.functions + self.new_functions.len() as u32 - 1
    }

    /// The global that holds the `nth` variable of a type.
    fn global(&mut self, ty: ValType, nth: usize) -> u32 {
        let known = self.new_globals.iter().enumerate().filter(|(_, known)| **known == ty).nth(nth);
        let at = known.map(|(at, _)| at).unwrap_or_else(|| {
            self.new_globals.push(ty);
            self.new_globals.len() - 1
        });
        self.globals + at as u32
    }
}

/// A module that does the same, with every function above the limit split if it is around a switch.
///
/// # Errors
///
/// Where `wasm` is no valid module, or has no globals.
pub fn module(wasm: &[u8], limits: &Limits) -> Result<(Vec<u8>, Vec<Split>)> {
    let mut additions = Additions::default();
    let mut bodies = Vec::new();
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut imported = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::TypeSection(section) => {
                for group in section.clone() {
                    additions.types += group?.types().len() as u32;
                }
            }
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    match import?.ty {
                        wasmparser::TypeRef::Func(_) => imported += 1,
                        wasmparser::TypeRef::Global(_) => additions.globals += 1,
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(section) => additions.functions = imported + section.count(),
            Payload::GlobalSection(section) => additions.globals += section.count(),
            _ => {}
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            bodies.push((function, body));
        }
    }
    let mut done = Vec::new();
    let mut code = CodeSection::new();
    for (function, reader) in bodies {
        let index = function.index;
        let body = Body::read(function, &reader)?;
        match (body.size() > limits.whole).then(|| arms::find(&body, limits.rest)).flatten() {
            Some(found) => {
                let (rest, arms) = emit::emit(&body, &found, &mut additions)?;
                code.function(&rest);
                done.push(Split {
                    function: index,
                    before: body.size(),
                    after: found.rest,
                    arms,
                    largest_arm: found.arms.iter().map(|arm| arm.size).max().unwrap_or(0),
                });
            }
            None => {
                code.raw(reader.as_bytes());
            }
        }
    }
    ensure!(
        done.is_empty() || additions.globals > 0,
        "a module without globals has no section to add ours to"
    );
    let split = write(wasm, &additions, code)?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(&split).context("the split module")?;
    Ok((split, done))
}

fn write(wasm: &[u8], additions: &Additions, mut code: CodeSection) -> Result<Vec<u8>> {
    for (_, body) in &additions.new_functions {
        code.function(body);
    }
    let mut output = Module::new();
    let mut reencoder = RoundtripReencoder;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(section) => {
                let mut types = TypeSection::new();
                reencoder.parse_type_section(&mut types, section)?;
                for (params, results) in &additions.new_types {
                    types.ty().function(params.iter().copied(), results.iter().copied());
                }
                output.section(&types);
            }
            Payload::FunctionSection(section) => {
                let mut functions = FunctionSection::new();
                reencoder.parse_function_section(&mut functions, section)?;
                for (ty, _) in &additions.new_functions {
                    functions.function(*ty);
                }
                output.section(&functions);
            }
            Payload::GlobalSection(section) => {
                let mut globals = GlobalSection::new();
                reencoder.parse_global_section(&mut globals, section)?;
                for ty in &additions.new_globals {
                    globals.global(GlobalType { val_type: *ty, mutable: true, shared: false }, &zero(*ty));
                }
                output.section(&globals);
            }
            Payload::CodeSectionStart { .. } => {
                output.section(&code);
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    output.section(&RawSection { id, data: &wasm[range] });
                }
            }
        }
    }
    Ok(output.finish())
}

fn zero(ty: ValType) -> ConstExpr {
    match ty {
        ValType::I64 => ConstExpr::i64_const(0),
        ValType::F32 => ConstExpr::f32_const(0.0.into()),
        ValType::F64 => ConstExpr::f64_const(0.0.into()),
        _ => ConstExpr::i32_const(0),
    }
}
