//! Random programs that always end: functions call only later ones, loops count to three.
//!
//! They throw, catch, keep and rethrow a lot; `thrown` and `caught` are exported counters that say how often.

mod statements;
mod tries;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, HeapType, ImportSection, Instruction, Module,
    RefType, TableSection, TableType, TagKind, TagSection, TagType, TypeSection, ValType,
};

/// A number from the environment, for longer runs than the usual one.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// A small generator of random numbers (splitmix64), so that a seed means the same program for ever; before them come the
/// choices of a fuzzer, where there are any.
pub struct Random {
    state: u64,
    chosen: std::vec::IntoIter<u8>,
}

impl Random {
    pub fn from_seed(seed: u64) -> Self {
        Random { state: seed, chosen: Vec::new().into_iter() }
    }

    /// Two bytes for each number, then some numbers that are always the same.
    #[allow(dead_code, reason = "for the fuzz target, which includes this file")]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Random { state: 0, chosen: Vec::from(bytes).into_iter() }
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        if let Some(low) = self.chosen.next() {
            let high = self.chosen.next().unwrap_or(0);
            return u32::from(u16::from_le_bytes([low, high])) % limit;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 33) as u32 % limit
    }

    pub fn one_in(&mut self, chances: u32) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }
}

pub const EXN_HEAP: HeapType = HeapType::Abstract { shared: false, ty: wasm_encoder::AbstractHeapType::Exn };
pub const EXN: ValType = ValType::Ref(RefType { nullable: true, heap_type: EXN_HEAP });

#[derive(Clone, PartialEq)]
pub struct Signature {
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

/// What a program consists of, before its functions are written.
pub struct Program {
    pub random: Random,
    pub tags: Vec<Vec<ValType>>,
    /// The signatures of the functions defined, first to last.
    pub functions: Vec<Signature>,
    pub has_exnref: bool,
    types: Vec<Signature>,
}

pub const LOG: u32 = 0;
pub const THROWN: u32 = 0;
pub const CAUGHT: u32 = 1;
pub const STATE: u32 = 2;
/// A global of type `exnref`, in programs that use that type.
pub const KEPT: u32 = 3;

/// How many locals of each type a function has.
pub const LOCALS: u32 = 2;

/// The module of a program.
pub fn generate(mut random: Random) -> Vec<u8> {
    let has_exnref = random.one_in(2);
    let plain = [ValType::I32, ValType::I64, ValType::F64, ValType::FUNCREF];
    let tags = (0..1 + random.below(4))
        .map(|_| (0..random.below(4)).map(|_| random.pick(&plain)).collect())
        .collect();
    let mut program = Program { random, tags, functions: Vec::new(), has_exnref, types: Vec::new() };
    for position in 0..3 + program.random.below(4) {
        // The host can neither pass nor receive exceptions.
        let signature = program.signature(position >= EXPORTED);
        program.functions.push(signature);
    }
    program.write()
}

/// So many of the functions are exported, the first ones.
const EXPORTED: u32 = 2;

impl Program {
    fn signature(&mut self, internal: bool) -> Signature {
        if internal && self.random.one_in(2) {
            // A signature that several functions share makes indirect calls meet.
            return Signature { params: vec![ValType::I32], results: vec![ValType::I32] };
        }
        let mut types = vec![ValType::I32, ValType::I64, ValType::F64];
        if internal && self.has_exnref {
            types.extend([EXN, EXN]);
        }
        let mut params = vec![ValType::I32];
        params.extend((0..self.random.below(3)).map(|_| self.random.pick(&types)));
        let results = (0..self.random.below(3)).map(|_| self.random.pick(&types)).collect();
        Signature { params, results }
    }

    /// The types a value in a program may have.
    pub fn value_types(&self) -> Vec<ValType> {
        let mut types = vec![ValType::I32, ValType::I64, ValType::F64, ValType::FUNCREF];
        if self.has_exnref {
            types.push(EXN);
        }
        types
    }

    pub fn type_index(&mut self, signature: Signature) -> u32 {
        let known = self.types.iter().position(|known| *known == signature);
        known.unwrap_or_else(|| {
            self.types.push(signature);
            self.types.len() - 1
        }) as u32
    }

    pub fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], [one]) => BlockType::Result(*one),
            _ => {
                let signature = Signature { params: params.to_vec(), results: results.to_vec() };
                BlockType::FunctionType(self.type_index(signature))
            }
        }
    }

    fn write(mut self) -> Vec<u8> {
        let log = self.type_index(Signature { params: vec![ValType::I32], results: Vec::new() });
        let mut imports = ImportSection::new();
        imports.import("host", "log", EntityType::Function(log));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for position in 0..self.functions.len() {
            let ty = self.type_index(self.functions[position].clone());
            functions.function(ty);
            code.function(&self.function(position));
        }
        let mut tags = TagSection::new();
        for position in 0..self.tags.len() {
            let params = self.tags[position].clone();
            let func_type_idx = self.type_index(Signature { params, results: Vec::new() });
            tags.tag(TagType { kind: TagKind::Exception, func_type_idx });
        }
        let mut types = TypeSection::new();
        for signature in &self.types {
            types.ty().function(signature.params.clone(), signature.results.clone());
        }
        let count = self.functions.len() as u32;
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&table(count));
        module.section(&tags).section(&self.globals()).section(&exports()).section(&elements(count));
        module.section(&code);
        module.finish()
    }

    fn globals(&self) -> GlobalSection {
        let mut globals = GlobalSection::new();
        let plain = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        for _ in [THROWN, CAUGHT, STATE] {
            globals.global(plain, &ConstExpr::i32_const(0));
        }
        if self.has_exnref {
            let kept = GlobalType { val_type: EXN, mutable: true, shared: false };
            globals.global(kept, &ConstExpr::ref_null(EXN_HEAP));
        }
        globals
    }

    fn function(&mut self, position: usize) -> Function {
        let types = self.value_types();
        let signature = self.functions[position].clone();
        let mut locals: Vec<(u32, ValType)> = types.iter().map(|ty| (LOCALS, *ty)).collect();
        // The counters of loops, one for each depth.
        locals.push((statements::DEEPEST, ValType::I32));
        let mut writer = statements::Writer::new(self, position, &signature);
        writer.body();
        let mut function = Function::new(locals);
        for instruction in writer.instructions {
            function.instruction(&instruction);
        }
        function.instruction(&Instruction::End);
        function
    }
}

fn table(functions: u32) -> TableSection {
    let mut tables = TableSection::new();
    let size = u64::from(functions);
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: size,
        maximum: Some(size),
        table64: false,
        shared: false,
    });
    tables
}

fn elements(functions: u32) -> ElementSection {
    let mut elements = ElementSection::new();
    let all: Vec<u32> = (1..=functions).collect();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
    elements
}

fn exports() -> ExportSection {
    let mut exports = ExportSection::new();
    exports.export("first", ExportKind::Func, 1);
    exports.export("second", ExportKind::Func, 2);
    exports.export("thrown", ExportKind::Global, THROWN);
    exports.export("caught", ExportKind::Global, CAUGHT);
    exports.export("state", ExportKind::Global, STATE);
    exports
}
