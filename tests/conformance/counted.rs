//! The module with one thing added: it counts how often the C function of Lua's `assert` is entered.
//!
//! A counting `assert` in Lua would show in the names and levels that the suites look at. So the function is found by its
//! address, which is a place in the module's table, and four instructions are put before its first.

use std::convert::Infallible;

use moonlet_tests::Lua;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, GlobalSection, GlobalType, Instruction, Module,
    ValType,
};
use wasmparser::{ElementItems, ElementKind, FunctionBody, Operator, Parser, Payload};

/// The export that holds the count.
pub const COUNTER: &str = "assertions";

struct Counted {
    /// The function that counts, among those with a body.
    function: u32,
    bodies: u32,
    global: u32,
}

impl Reencode for Counted {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        self.global = section.count();
        reencode::utils::parse_global_section(self, globals, section)?;
        let counter = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(counter, &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        reencode::utils::parse_export_section(self, exports, section)?;
        exports.export(COUNTER, ExportKind::Global, self.global);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        if self.bodies == self.function {
            function.instruction(&Instruction::GlobalGet(self.global));
            function.instruction(&Instruction::I32Const(1));
            function.instruction(&Instruction::I32Add);
            function.instruction(&Instruction::GlobalSet(self.global));
        }
        self.bodies += 1;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        code.function(&function);
        Ok(())
    }
}

/// The function at `place` of the module's table. The module has no imports, so functions count from its first body.
fn function_at(wasm: &[u8], place: u32) -> u32 {
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ElementSection(section) = payload.expect("a valid module") else { continue };
        for element in section {
            let element = element.expect("a valid element");
            let ElementKind::Active { offset_expr, .. } = element.kind else { continue };
            let ElementItems::Functions(functions) = element.items else { continue };
            let Ok(Operator::I32Const { value }) = offset_expr.get_operators_reader().read() else {
                continue;
            };
            if let Some(index) = place.checked_sub(value as u32)
                && let Some(function) = functions.into_iter().nth(index as usize)
            {
                return function.expect("a valid function");
            }
        }
    }
    panic!("nothing stands at {place} in the module's table");
}

/// The counting form of a module that `lua` is a fresh instance of.
pub fn counted(wasm: &[u8], lua: &mut Lua) -> Vec<u8> {
    let address = lua.eval("return string.format('%p', assert)");
    let place = u32::from_str_radix(address.trim_start_matches("0x"), 16).expect("an address");
    let mut module = Module::new();
    let mut counted = Counted { function: function_at(wasm, place), bodies: 0, global: 0 };
    counted.parse_core_module(&mut module, Parser::new(0), wasm).expect("a valid module");
    module.finish()
}
