//! What the file itself shows: it runs on any engine, and its state is linear memory alone.

use std::collections::BTreeSet;

use moonlet_tests::{Lua, Version, is_mini, option, status};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ExportKind, ExportSection};
use wasmparser::{
    DataKind, ElementKind, ExternalKind, FuncType, Operator, OperatorsReader, Parser, Payload, TypeRef,
    ValidPayload, Validator, WasmFeatures,
};

/// What the tests below ask about a module.
#[derive(Default)]
struct Shape {
    imports: Vec<String>,
    exports: Vec<String>,
    memories: Vec<wasmparser::MemoryType>,
    tables: usize,
    tags: usize,
    mutable_globals: Vec<u32>,
    first_data: u32,
    passive_segments: usize,
    table_writes: usize,
    sections: Vec<String>,
    types: Vec<FuncType>,
    functions: Vec<u32>,
    stack_pointer: Option<i32>,
}

fn signature(function: &FuncType) -> String {
    let list =
        |types: &[wasmparser::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("({}) -> ({})", list(function.params()), list(function.results()))
}

fn changes_a_table(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. }
    )
}

impl Shape {
    fn of(wasm: &[u8]) -> Self {
        let mut shape = Self { first_data: u32::MAX, ..Self::default() };
        for payload in Parser::new(0).parse_all(wasm) {
            shape.read(payload.expect("a well-formed module"));
        }
        shape
    }

    fn read(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::TypeSection(types) => {
                self.types
                    .extend(types.into_iter_err_on_gc_types().map(|kind| kind.expect("a function type")));
            }
            Payload::ImportSection(imports) => {
                self.imports.extend(imports.into_imports().map(|import| {
                    let import = import.expect("an import");
                    assert!(!matches!(import.ty, TypeRef::Tag(_)));
                    import.name.to_string()
                }));
            }
            Payload::FunctionSection(functions) => {
                self.functions.extend(functions.into_iter().map(|function| function.expect("a function")));
            }
            Payload::TableSection(tables) => self.tables += tables.count() as usize,
            Payload::TagSection(tags) => self.tags += tags.count() as usize,
            Payload::MemorySection(memories) => {
                self.memories.extend(memories.into_iter().map(|memory| memory.expect("a memory")));
            }
            Payload::GlobalSection(globals) => {
                for (index, global) in globals.into_iter().enumerate() {
                    let global = global.expect("a global");
                    if global.ty.mutable {
                        self.mutable_globals.push(index as u32);
                    }
                    let value = constant(&global.init_expr);
                    if value != 0 && global.ty.mutable {
                        self.stack_pointer = Some(value);
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("an export");
                    self.exports.push(match export.kind {
                        ExternalKind::Func => {
                            let kind = self.functions[export.index as usize] as usize;
                            format!("{} {}", export.name, signature(&self.types[kind]))
                        }
                        _ => export.name.to_string(),
                    });
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let active = matches!(element.expect("a segment").kind, ElementKind::Active { .. });
                    self.passive_segments += usize::from(!active);
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    match segment.expect("a segment").kind {
                        DataKind::Active { offset_expr, .. } => {
                            self.first_data = self.first_data.min(constant(&offset_expr) as u32);
                        }
                        DataKind::Passive => self.passive_segments += 1,
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().expect("operators") {
                    self.table_writes += usize::from(changes_a_table(&operator.expect("an operator")));
                }
            }
            Payload::CustomSection(section) => self.sections.push(section.name().to_string()),
            _ => {}
        }
    }
}

fn constant(expression: &wasmparser::ConstExpr<'_>) -> i32 {
    match expression.get_operators_reader().read().expect("an operator") {
        Operator::I32Const { value } => value,
        other => panic!("only plain constants are expected, not {other:?}"),
    }
}

/// Exports every mutable global too, as `global` and its place among them.
struct ExportGlobals(Vec<u32>);

impl Reencode for ExportGlobals {
    type Error = std::convert::Infallible;

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        reencode::utils::parse_export_section(self, exports, section)?;
        for (place, index) in self.0.iter().enumerate() {
            exports.export(&format!("global{place}"), ExportKind::Global, *index);
        }
        Ok(())
    }
}

/// An instance of the module, in which the host can see the globals.
fn with_exported_globals(version: Version) -> Lua {
    let bytes = version.bytes();
    let mut module = wasm_encoder::Module::new();
    ExportGlobals(Shape::of(&bytes).mutable_globals)
        .parse_core_module(&mut module, Parser::new(0), &bytes)
        .expect("a well-formed module");
    let module = wasmtime::Module::new(&moonlet_tests::engine(), module.finish()).expect("a valid module");
    Lua::from_module(&module, wasmtime::StoreLimits::default())
}

/// Their values.
fn globals(lua: &mut Lua) -> Vec<i32> {
    ["global0", "global1"]
        .map(|name| {
            let global = lua.instance.get_global(&mut lua.store, name).expect("an exported global");
            global.get(&mut lua.store).i32().expect("a global of type i32")
        })
        .into()
}

/// Calls of every export that does more than read, in every way that each can end.
fn calls() -> Vec<fn(&mut Lua)> {
    let mut calls: Vec<fn(&mut Lua)> = Vec::new();
    let mut call = |step| calls.push(step);
    call(|lua| drop(lua.run("return 1")));
    call(|lua| drop(lua.run("= 1")));
    call(|lua| drop(lua.run("error({})")));
    call(|lua| drop(lua.run("local function f() return f() + 1 end f()")));
    call(|lua| drop(lua.run("local function f() return ('a'):gsub('a', f) end f()")));
    call(|lua| {
        drop(lua.run("return pcall(string.rep, 'x', 1 << 40), pcall(error), select('#', pcall(pcall))"))
    });
    call(|lua| drop(lua.run("os.exit(1)")));
    call(|lua| drop(lua.run("coroutine.wrap(function() coroutine.wrap(error)('deep') end)()")));
    call(|lua| assert_eq!(lua.set(option::FUEL, 100_000.0), status::OK));
    call(|lua| assert_eq!(lua.run("while true do end").status(), status::BUDGET));
    call(|lua| assert_eq!(lua.run("while true do pcall(error) end").status(), status::BUDGET));
    call(|lua| assert_eq!(lua.set(option::SLICE, 1000.0), status::OK));
    call(|lua| assert_eq!(lua.run("for i = 1, 2000 do local t = {i} end").status(), status::PAUSED));
    call(|lua| {
        let task = lua.task();
        assert_eq!(lua.resume(task, &[]).status(), status::PAUSED);
    });
    call(|lua| {
        let task = lua.task();
        assert_eq!(lua.cancel(task), status::OK);
    });
    const ASK: &str = "local x <close> = setmetatable({}, {__close = function() closed = true end})
        return coroutine.wrap(function() return pcall(host.call, 'ask') end)()";
    call(|lua| assert_eq!(lua.run(ASK).status(), status::YIELD));
    call(|lua| {
        let task = lua.task();
        // What is no array is refused, and an empty array is an answer.
        assert_eq!(lua.resume(task, b"\xc1").status(), status::BAD_DATA);
        assert_eq!(lua.resume(task, b"\x90").status(), status::OK);
    });
    call(|lua| assert_eq!(lua.run(ASK).status(), status::YIELD));
    call(|lua| {
        let task = lua.task();
        assert_eq!(lua.raise(task, b"\xa2no").status(), status::OK);
    });
    call(|lua| assert_eq!(lua.run(ASK).status(), status::YIELD));
    call(|lua| {
        let task = lua.task();
        assert_eq!(lua.cancel(task), status::OK);
    });
    call(|lua| assert_eq!(lua.run(ASK).status(), status::YIELD));
    call(|lua| assert!(lua.tasks().is_ok()));
    call(|lua| {
        let task = lua.task();
        assert_eq!(lua.request(task).status(), status::YIELD);
        assert_eq!(lua.request(-1).status(), status::BAD_ARGUMENT);
        assert_eq!(lua.cancel(task), status::OK);
    });
    call(|lua| assert_eq!(lua.call_function(b"\x92\xa4type\x01").status(), status::OK));
    call(|lua| assert_eq!(lua.call_function(b"\x91\xa4none").status(), status::ERRRUN));
    call(|lua| assert_eq!(lua.call_function(b"\x91").status(), status::BAD_DATA));
    call(|lua| assert_eq!(lua.eval_data(b"\x93\xaareturn ...\xa2=e\x05").status(), status::OK));
    call(|lua| assert_eq!(lua.eval_data(b"\x92\xa1=\xc0").status(), status::ERRSYNTAX));
    call(|lua| assert_eq!(lua.eval_data(b"\x92\xa1=\x01").status(), status::BAD_DATA));
    call(|lua| assert_eq!(lua.set(option::FORMAT, 1.0), status::OK));
    call(|lua| assert_eq!(lua.run("return print, {1, {2}}").status(), status::OK));
    call(|lua| assert_eq!(lua.run("local t = {} t.t = t return t").status(), status::RESULT));
    call(|lua| assert_eq!(lua.release(&[0x91, 1]), status::OK));
    call(|lua| assert_eq!(lua.release(&[0x91, 1]), status::BAD_ARGUMENT));
    call(|lua| assert_eq!(lua.set(option::OUTPUT, 10.0), status::OK));
    call(|lua| assert_eq!(lua.run("for i = 1, 9 do print(i, i) end").status(), status::OUTPUT));
    call(|lua| assert!(lua.call::<_, f64>("compact", ()) > 0.0));
    call(|lua| assert_eq!(lua.write_file("file", b"text"), status::OK));
    call(|lua| drop(lua.read_file("file")));
    call(|lua| drop(lua.list_files()));
    call(|lua| assert_eq!(lua.set(option::INPUT, 1.0) + lua.write_input(b"a line"), status::OK));
    call(|lua| assert_eq!(lua.run("return io.read()").status(), status::INPUT));
    call(|lua| assert_eq!(lua.remove_file("file"), status::OK));
    call(|lua| assert_eq!(lua.drain_errors(), b""));
    call(|lua| assert_eq!(lua.set(option::SLICE, 0.0) + lua.set(option::FUEL, 0.0), status::OK));
    call(|lua| assert_eq!(lua.set(option::MEMORY, 300_000.0), status::OK));
    call(|lua| assert_eq!(lua.run("local t = {} while true do t[#t + 1] = {} end").status(), status::ERRMEM));
    call(|lua| assert_eq!(lua.call::<_, i32>("reset", ()), status::OK));
    call(|lua| drop(lua.run("return 2+2")));
    calls
}

for_each_version! {
    fn it_imports_nothing(version: Version) {
        assert_eq!(Shape::of(&version.bytes()).imports, Vec::<String>::new());
    }

    fn its_exports_are_the_abi(version: Version) {
        let mut exports = Shape::of(&version.bytes()).exports;
        exports.sort();
        let golden: Vec<&str> = include_str!("../golden/exports.txt").lines().collect();
        assert_eq!(exports, golden, "tests/golden/exports.txt is the list");
    }

    fn it_is_valid_on_engines_that_know_lime1_only(version: Version) {
        let bytes = version.bytes();
        let features = WasmFeatures::LIME1;
        assert!(!features.contains(WasmFeatures::EXCEPTIONS));
        Validator::new_with_features(features).validate_all(&bytes).expect("valid with the Lime1 features");
        assert_eq!(Shape::of(&bytes).tags, 0);
    }

    /// wasm2go computes such an operand anew at each turn of the loop (xtask/src/operands.rs).
    fn no_operand_waits_below_a_loop(version: Version) {
        let bytes = version.bytes();
        let mut validator = Validator::new_with_features(WasmFeatures::LIME1);
        let mut loops = 0;
        for payload in Parser::new(0).parse_all(&bytes) {
            let Ok(ValidPayload::Func(function, body)) = validator.payload(&payload.expect("a module")) else { continue };
            let mut function = function.into_validator(Default::default());
            let mut reader = body.get_binary_reader();
            function.read_locals(&mut reader).expect("locals");
            let mut operators = OperatorsReader::new(reader);
            while !operators.eof() {
                let (operator, place) = operators.read_with_offset().expect("an operator");
                if matches!(operator, Operator::Loop { .. }) {
                    let block = function.get_control_frame(0).expect("a block");
                    assert_eq!(function.operand_stack_height() as usize, block.height, "at {place:#x}");
                    loops += 1;
                }
                function.op(place, &operator).expect("valid");
            }
        }
        assert!(loops > 400, "{loops} loops"); // mini has the fewest
    }

    /// tinywasm copies from the variable within the block, which ways out of it miss (xtask/src/operands.rs).
    fn no_result_of_a_block_is_kept_where_it_ends_in_a_variable(version: Version) {
        let bytes = version.bytes();
        let mut kept = 0;
        for payload in Parser::new(0).parse_all(&bytes) {
            let Payload::CodeSectionEntry(body) = payload.expect("a module") else { continue };
            let (mut last_but_ends, mut after_end) = (Operator::Nop, false);
            for operator in body.get_operators_reader().expect("code") {
                let operator = operator.expect("an operator");
                if matches!(operator, Operator::LocalTee { .. }) && after_end {
                    assert!(!matches!(last_but_ends, Operator::LocalGet { .. }), "in the function at {:#x}", body.range().start);
                    kept += 1;
                }
                after_end = matches!(operator, Operator::End);
                if !after_end {
                    last_but_ends = operator;
                }
            }
        }
        assert!(kept > 10, "{kept} results of blocks are kept");
    }

    /// So that no other function moves its code, which lies in engines in the order of the module (RATIONALE.md).
    fn the_interpreter_comes_first(version: Version) {
        let bytes = version.bytes();
        let mut bodies = Parser::new(0).parse_all(&bytes).filter_map(|payload| match payload.expect("a module") {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let first = bodies.next().expect("a function");
        let (mut most, mut calls) = (0, 0);
        for operator in first.get_operators_reader().expect("code") {
            match operator.expect("an operator") {
                Operator::BrTable { targets } => most = most.max(targets.len()),
                Operator::Call { .. } | Operator::CallIndirect { .. } => calls += 1,
                _ => {}
            }
        }
        assert!(most > 80, "no function that executes instructions: it has switches of {most} cases at most");
        assert!(calls == 0 || is_mini(), "it calls functions, so it is the other interpreter");
    }

    fn its_state_is_linear_memory_alone(version: Version) {
        let shape = Shape::of(&version.bytes());
        assert_eq!(shape.memories.len(), 1);
        assert_eq!(shape.table_writes, 0, "no instruction changes a table");
        assert_eq!(shape.passive_segments, 0);
        assert!(shape.tables <= 1);
        assert_eq!(shape.mutable_globals.len(), 2, "the stack pointer and the unwinding mark");
    }

    fn every_call_leaves_the_globals_as_they_were(version: Version) {
        let mut lua = with_exported_globals(version);
        let first = globals(&mut lua);
        assert_eq!(first.iter().filter(|value| **value == 0).count(), 1, "one mark, one stack pointer: {first:?}");
        for (number, step) in calls().into_iter().enumerate() {
            step(&mut lua);
            assert_eq!(globals(&mut lua), first, "after call {number}");
        }
    }

    fn its_memory_has_a_maximum_below_4_gib(version: Version) {
        let memory = Shape::of(&version.bytes()).memories[0];
        assert!(memory.maximum.expect("a maximum") <= 1 << 15, "pointers fit a signed 32-bit integer");
    }

    fn a_fresh_instance_fits_256_kib(version: Version) {
        let mut lua = moonlet_tests::Lua::new(version);
        assert_eq!(lua.eval("return 1"), "1");
        assert!(lua.memory.data_size(&lua.store) <= 256 * 1024);
    }

    fn its_stack_lies_below_its_data(version: Version) {
        let shape = Shape::of(&version.bytes());
        let stack = shape.stack_pointer.expect("the stack pointer starts at the top of the stack");
        assert!(shape.first_data >= stack as u32, "an overflow leaves memory instead of hitting data");
    }

    fn it_carries_the_licence_and_no_debugging_aids(version: Version) {
        let bytes = version.bytes();
        let sections: BTreeSet<String> = Shape::of(&bytes).sections.into_iter().collect();
        assert_eq!(sections, BTreeSet::from(["license".to_string()]));
        let notice = b"Copyright (c) 1994-2026 Lua.org, PUC-Rio";
        assert!(bytes.windows(notice.len()).any(|window| window == notice));
    }

    fn it_holds_no_panic_or_formatting_machinery(version: Version) {
        let bytes = version.bytes();
        // What core::fmt and its panics leave in the data of every module that has them, and any path of a source.
        for trace in [
            "index out of bounds",
            "with overflow",
            "panicked at",
            "called `Option::unwrap()`",
            "TryFromIntError",
            ".rs",
            "0001020304050607",
            "assertion failed: ",
            "explicit panic",
            "slice index",
            "/rustc/",
            "cargo",
        ] {
            let held = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            assert!(!held, "the module holds the text {trace:?}");
        }
    }

    fn its_build_id_is_its_hash(version: Version) {
        use sha2::{Digest, Sha256};
        let mut bytes = version.bytes();
        let mut lua = moonlet_tests::Lua::new(version);
        let ptr: u32 = lua.call("build_id_ptr", ());
        let id = lua.read(ptr, 32);
        let place = bytes.windows(32).position(|window| window == id).expect("the id stands in the file");
        bytes[place..place + 32].copy_from_slice(b"moonlet: build id comes in here!");
        assert_eq!(Sha256::digest(&bytes).as_slice(), id);
    }
}
