//! Writes the output module: the sections of the input in their order, with what the lowering changes in each.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportSection, Function, FunctionSection, GlobalSection, Instruction,
    Module as Output, StartSection, TypeSection,
};
use wasmparser::{ExternalKind, Parser, Payload as Section};

use crate::analysis::Analysis;
use crate::error::Error;
use crate::function::{Context, Rewritten, rewrite};
use crate::module::{Module, is_exnref};
use crate::payload::Payload;
use crate::types::Types;
use crate::{Report, custom};

/// Everything but the order of the sections.
pub(crate) struct Encoder<'m> {
    pub context: &'m Context<'m>,
    pub types: Types,
    /// `None` for a body that is copied.
    pub bodies: Vec<Option<Rewritten>>,
    /// For every function that is exported (or started) and may throw, the function that takes its place there.
    pub wrappers: BTreeMap<u32, u32>,
}

/// Rewrites all bodies, then writes the module.
pub(crate) fn encode(context: &Context<'_>, report: &mut Report) -> Result<Vec<u8>, Error> {
    let (module, analysis) = (context.module, context.analysis);
    let mut types = Types::new(module, context.payload);
    let mut bodies = Vec::with_capacity(module.facts.bodies.len());
    for (body, facts) in module.facts.bodies.iter().zip(&analysis.bodies) {
        bodies.push(match context.concerns(facts) {
            true => Some(rewrite(context, &mut types, report, body, facts)?),
            false => None,
        });
    }
    let wrappers = wrappers(module, analysis);
    Encoder { context, types, bodies, wrappers }.module()
}

fn wrappers(module: &Module<'_>, analysis: &Analysis) -> BTreeMap<u32, u32> {
    let exported = module.facts.exports.iter().filter_map(|(export, _)| match export.kind {
        ExternalKind::Func | ExternalKind::FuncExact => Some(export.index),
        _ => None,
    });
    let mut wrappers = BTreeMap::new();
    let mut next = module.facts.functions.len() as u32;
    for function in exported.chain(module.facts.start) {
        if !analysis.escapes(function).is_empty() {
            wrappers.entry(function).or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
    }
    wrappers
}

impl Encoder<'_> {
    fn module(mut self) -> Result<Vec<u8>, Error> {
        let mut output = Output::new();
        let mut globals_written = false;
        for section in Parser::new(0).parse_all(self.context.module.wasm) {
            let section = section?;
            // A module without globals has no section to add ours to, so it gets one where it belongs.
            if !globals_written && follows_globals(&section) {
                globals_written = true;
                self.globals(&mut output, None)?;
            }
            globals_written |= matches!(section, Section::GlobalSection(_));
            self.section(&mut output, section)?;
        }
        Ok(output.finish())
    }

    fn section(&mut self, output: &mut Output, section: Section<'_>) -> Result<(), Error> {
        match section {
            Section::TypeSection(section) => {
                let mut types = TypeSection::new();
                self.parse_type_section(&mut types, section)?;
                self.types.encode(&mut types)?;
                output.section(&types);
            }
            Section::FunctionSection(section) => {
                let mut functions = FunctionSection::new();
                self.parse_function_section(&mut functions, section)?;
                self.declare_wrappers(&mut functions);
                output.section(&functions);
            }
            Section::TagSection(_) => {}
            Section::GlobalSection(section) => self.globals(output, Some(section))?,
            Section::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section {
                    let export = export?;
                    self.export(&mut exports, &export)?;
                }
                output.section(&exports);
            }
            Section::StartSection { func, .. } => {
                let function_index = self.wrappers.get(&func).copied().unwrap_or(func);
                output.section(&StartSection { function_index });
            }
            Section::CodeSectionStart { .. } => self.code(output)?,
            Section::CustomSection(section) => custom::section(self, output, &section)?,
            other => self.copy(output, &other),
        }
        Ok(())
    }

    /// Sections in which nothing changes.
    fn copy(&self, output: &mut Output, section: &Section<'_>) {
        if let Some((id, range)) = section.as_section()
            && let Some(data) = self.context.module.wasm.get(range)
        {
            output.section(&wasm_encoder::RawSection { id, data });
        }
    }

    fn globals(
        &mut self,
        output: &mut Output,
        section: Option<wasmparser::GlobalSectionReader<'_>>,
    ) -> Result<(), Error> {
        if section.is_none() && self.context.payload.added_globals() == 0 {
            return Ok(());
        }
        let mut globals = GlobalSection::new();
        if let Some(section) = section {
            self.parse_global_section(&mut globals, section)?;
        }
        self.context.payload.encode(&mut globals)?;
        output.section(&globals);
        Ok(())
    }

    fn export(&mut self, exports: &mut ExportSection, export: &wasmparser::Export<'_>) -> Result<(), Error> {
        let index = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                self.wrappers.get(&export.index).copied().unwrap_or(export.index)
            }
            _ => export.index,
        };
        exports.export(export.name, self.export_kind(export.kind)?, index);
        Ok(())
    }

    fn declare_wrappers(&self, functions: &mut FunctionSection) {
        for function in self.in_order() {
            functions.function(self.context.module.facts.functions[function as usize]);
        }
    }

    /// The functions that have a wrapper, in the order of the wrappers' indices.
    pub fn in_order(&self) -> Vec<u32> {
        let mut functions: Vec<(u32, u32)> = self.wrappers.iter().map(|(of, at)| (*at, *of)).collect();
        functions.sort_unstable();
        functions.into_iter().map(|(_, of)| of).collect()
    }

    fn code(&mut self, output: &mut Output) -> Result<(), Error> {
        let mut code = CodeSection::new();
        for (body, rewritten) in self.context.module.facts.bodies.iter().zip(&self.bodies) {
            match rewritten {
                Some(rewritten) => code.function(&rewritten.function),
                None => code.raw(body.body.as_bytes()),
            };
        }
        for function in self.in_order() {
            code.function(&self.wrapper(function));
        }
        output.section(&code);
        Ok(())
    }

    /// What the host calls in place of a function that may throw: an exception that nobody caught is a trap.
    fn wrapper(&self, function: u32) -> Function {
        let signature = self.context.module.function_signature(function);
        let params = signature.map_or(0, |signature| signature.params().len() as u32);
        let unwinding = self.context.payload.unwinding;
        let mut code = Function::new([]);
        for param in 0..params {
            code.instruction(&Instruction::LocalGet(param));
        }
        for instruction in [
            Instruction::Call(function),
            Instruction::GlobalGet(unwinding),
            Instruction::If(BlockType::Empty),
            // The instance stays usable after the trap.
            Instruction::I32Const(0),
            Instruction::GlobalSet(unwinding),
            Instruction::Unreachable,
            Instruction::End,
            Instruction::End,
        ] {
            code.instruction(&instruction);
        }
        code
    }

    /// The rewritten body of a function; `None` if it is imported or copied.
    pub fn rewritten(&self, function: u32) -> Option<&Rewritten> {
        let body = function.checked_sub(self.context.module.facts.imported_functions)?;
        self.bodies.get(body as usize)?.as_ref()
    }

    pub fn changes_code(&self) -> bool {
        self.bodies.iter().any(Option::is_some)
    }

    pub fn payload(&self) -> &Payload {
        self.context.payload
    }
}

/// Whether a section comes after the place of the global section.
fn follows_globals(section: &Section<'_>) -> bool {
    matches!(
        section,
        Section::ExportSection(_)
            | Section::StartSection { .. }
            | Section::ElementSection(_)
            | Section::DataCountSection { .. }
            | Section::CodeSectionStart { .. }
            | Section::DataSection(_)
            | Section::End(_)
    )
}

impl Reencode for Encoder<'_> {
    type Error = Error;

    fn func_type(
        &mut self,
        signature: wasmparser::FuncType,
    ) -> Result<wasm_encoder::FuncType, reencode::Error<Error>> {
        let params = self.payload().flatten(signature.params());
        let results = self.payload().flatten(signature.results());
        Ok(wasm_encoder::FuncType::new(self.val_types(params)?, self.val_types(results)?))
    }

    /// A global of type `exnref` keeps its index and holds the tag; it can only begin as null.
    fn parse_global(
        &mut self,
        globals: &mut GlobalSection,
        global: wasmparser::Global<'_>,
    ) -> Result<(), reencode::Error<Error>> {
        if is_exnref(global.ty.content_type) {
            let (val_type, mutable, shared) =
                (wasm_encoder::ValType::I32, global.ty.mutable, global.ty.shared);
            let ty = wasm_encoder::GlobalType { val_type, mutable, shared };
            globals.global(ty, &ConstExpr::i32_const(0));
            return Ok(());
        }
        reencode::utils::parse_global(self, globals, global)
    }
}
