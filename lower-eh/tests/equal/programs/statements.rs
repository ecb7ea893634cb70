//! The bodies of random functions.

use wasm_encoder::{BlockType, HeapType, Instruction, ValType};

use super::{EXN, EXN_HEAP, KEPT, LOCALS, LOG, Program, STATE, Signature, THROWN};

/// How deep statements nest.
pub const DEEPEST: u32 = 8;

/// So many values mark the label of a loop.
const UNCOUNTED: usize = 99;

pub struct Writer<'p> {
    pub program: &'p mut Program,
    position: usize,
    params: Vec<ValType>,
    results: Vec<ValType>,
    pub instructions: Vec<Instruction<'static>>,
    /// The values that each open label takes, the function's own first.
    pub labels: Vec<Vec<ValType>>,
    depth: u32,
    /// How much may still be written.
    budget: u32,
}

impl<'p> Writer<'p> {
    pub fn new(program: &'p mut Program, position: usize, signature: &Signature) -> Self {
        let budget = 20 + program.random.below(30);
        Writer {
            program,
            position,
            params: signature.params.clone(),
            results: signature.results.clone(),
            instructions: Vec::new(),
            labels: vec![signature.results.clone()],
            depth: 0,
            budget,
        }
    }

    pub fn body(&mut self) {
        for _ in 0..2 + self.program.random.below(4) {
            self.statement();
        }
        for ty in self.results.clone() {
            self.value(ty);
        }
    }

    pub fn emit(&mut self, instruction: Instruction<'static>) {
        self.instructions.push(instruction);
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.program.random.below(limit)
    }

    /// A local of the type: one of the parameters or of those declared.
    pub fn local(&mut self, ty: ValType) -> u32 {
        let types = self.program.value_types();
        let first = self.params.len() as u32;
        let declared = types.iter().position(|known| *known == ty).unwrap_or(0) as u32;
        let mut all: Vec<u32> = (0..LOCALS).map(|local| first + declared * LOCALS + local).collect();
        all.extend((0..first).filter(|param| self.params[*param as usize] == ty));
        self.program.random.pick(&all)
    }

    fn counter(&self) -> u32 {
        let types = self.program.value_types().len() as u32;
        self.params.len() as u32 + types * LOCALS + self.depth - 1
    }

    pub fn value(&mut self, ty: ValType) {
        if self.below(3) > 0 {
            let local = self.local(ty);
            return self.emit(Instruction::LocalGet(local));
        }
        match ty {
            ValType::I32 => self.number(),
            ValType::I64 => {
                let number = i64::from(self.below(1000)) << self.below(40);
                self.emit(Instruction::I64Const(number));
            }
            ValType::F64 => {
                let number = f64::from(self.below(1000)) / 4.0;
                self.emit(Instruction::F64Const(number.into()));
            }
            EXN => match self.below(3) {
                0 => self.emit(Instruction::RefNull(EXN_HEAP)),
                1 => self.emit(Instruction::GlobalGet(KEPT)),
                _ => self.selected_exception(),
            },
            _ if self.below(2) == 0 => self.emit(Instruction::RefNull(HeapType::FUNC)),
            _ => {
                let function = 1 + self.below(self.program.functions.len() as u32);
                self.emit(Instruction::RefFunc(function));
            }
        }
    }

    fn number(&mut self) {
        match self.below(6) {
            0 => self.emit(Instruction::GlobalGet(STATE)),
            1 => {
                let local = self.local(ValType::I64);
                self.emit(Instruction::LocalGet(local));
                self.emit(Instruction::I32WrapI64);
            }
            2 => {
                let local = self.local(ValType::FUNCREF);
                self.emit(Instruction::LocalGet(local));
                self.emit(Instruction::RefIsNull);
            }
            3 if self.program.has_exnref => {
                let local = self.local(EXN);
                self.emit(Instruction::LocalGet(local));
                self.emit(Instruction::RefIsNull);
            }
            4 => {
                let (first, second) = (self.local(ValType::I32), self.local(ValType::I32));
                self.emit(Instruction::LocalGet(first));
                self.emit(Instruction::LocalGet(second));
                self.emit(Instruction::I32Add);
            }
            _ => {
                let number = self.below(8) as i32;
                self.emit(Instruction::I32Const(number));
            }
        }
    }

    fn selected_exception(&mut self) {
        for _ in 0..2 {
            let local = self.local(EXN);
            self.emit(Instruction::LocalGet(local));
        }
        self.condition();
        self.emit(Instruction::TypedSelect(EXN));
    }

    /// True or false, each often.
    fn condition(&mut self) {
        self.value(ValType::I32);
        let bit = 1 << self.below(3);
        self.emit(Instruction::I32Const(bit));
        self.emit(Instruction::I32And);
    }

    pub fn count(&mut self, global: u32) {
        self.emit(Instruction::GlobalGet(global));
        self.emit(Instruction::I32Const(1));
        self.emit(Instruction::I32Add);
        self.emit(Instruction::GlobalSet(global));
    }

    pub fn open(&mut self, instruction: Instruction<'static>, label: Vec<ValType>) {
        self.emit(instruction);
        self.labels.push(label);
        self.depth += 1;
    }

    pub fn close(&mut self) {
        self.emit(Instruction::End);
        self.labels.pop();
        self.depth -= 1;
    }

    pub fn statements(&mut self) {
        for _ in 0..1 + self.below(3) {
            self.statement();
        }
    }

    pub fn statement(&mut self) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        // Simple statements only, where nothing may nest any more.
        let kinds = if self.depth + 3 < DEEPEST { 16 } else { 9 };
        match self.below(kinds) {
            0 => self.set_local(),
            1 => self.set_state(),
            2 => self.log(),
            3 | 4 => self.call(),
            5 | 6 => self.throw_sometimes(),
            7 => self.leave(),
            8 => self.rethrow(),
            9 => self.choice(),
            10 => self.count_loop(),
            11 => self.block(),
            _ => self.try_table(),
        }
    }

    fn set_local(&mut self) {
        let ty = self.program.random.pick(&self.program.value_types());
        self.value(ty);
        let local = self.local(ty);
        if self.below(3) == 0 {
            self.emit(Instruction::LocalTee(local));
            self.emit(Instruction::Drop);
        } else {
            self.emit(Instruction::LocalSet(local));
        }
    }

    fn set_state(&mut self) {
        self.value(ValType::I32);
        self.emit(Instruction::GlobalGet(STATE));
        self.emit(Instruction::I32Const(31));
        self.emit(Instruction::I32Mul);
        self.emit(Instruction::I32Add);
        self.emit(Instruction::GlobalSet(STATE));
        if self.program.has_exnref && self.below(3) == 0 {
            self.value(EXN);
            self.emit(Instruction::GlobalSet(KEPT));
        }
    }

    fn log(&mut self) {
        self.value(ValType::I32);
        self.emit(Instruction::Call(LOG));
    }

    /// A call to a later function, with a value under the arguments that must survive.
    pub fn call(&mut self) {
        let later = self.program.functions.len() - self.position - 1;
        if later == 0 {
            return self.throw_sometimes();
        }
        let callee = self.position + 1 + self.below(later as u32) as usize;
        let signature = self.program.functions[callee].clone();
        self.value(ValType::I32);
        for ty in &signature.params {
            self.value(*ty);
        }
        let tail = signature.results == self.results && self.below(6) == 0;
        match (self.below(2) == 0, tail) {
            (false, false) => self.emit(Instruction::Call(1 + callee as u32)),
            (false, true) => return self.leave_by(Instruction::ReturnCall(1 + callee as u32), &signature),
            (true, tail) => {
                // The index of a table entry is one less than that of the function, for the import.
                self.emit(Instruction::I32Const(callee as i32));
                let type_index = self.program.type_index(signature.clone());
                if tail {
                    return self.leave_by(
                        Instruction::ReturnCallIndirect { type_index, table_index: 0 },
                        &signature,
                    );
                }
                self.emit(Instruction::CallIndirect { type_index, table_index: 0 });
            }
        }
        for ty in signature.results.iter().rev() {
            let local = self.local(*ty);
            self.emit(Instruction::LocalSet(local));
        }
        let local = self.local(ValType::I32);
        self.emit(Instruction::LocalSet(local));
    }

    /// A tail call, behind a condition, so that what follows is not all dead.
    fn leave_by(&mut self, instruction: Instruction<'static>, signature: &Signature) {
        let mut params = signature.params.clone();
        if matches!(instruction, Instruction::ReturnCallIndirect { .. }) {
            params.push(ValType::I32);
        }
        params.insert(0, ValType::I32);
        let ty = self.program.block_type(&params, &[]);
        self.condition();
        self.emit(Instruction::If(ty));
        self.emit(instruction);
        self.emit(Instruction::Else);
        for _ in params {
            self.emit(Instruction::Drop);
        }
        self.emit(Instruction::End);
    }

    fn throw_sometimes(&mut self) {
        let tag = self.below(self.program.tags.len() as u32);
        self.condition();
        self.emit(Instruction::If(BlockType::Empty));
        self.count(THROWN);
        for ty in self.program.tags[tag as usize].clone() {
            self.value(ty);
        }
        self.emit(Instruction::Throw(tag));
        self.emit(Instruction::End);
    }

    /// Throws a kept exception again, mostly only if there is one.
    fn rethrow(&mut self) {
        if !self.program.has_exnref {
            return self.throw_sometimes();
        }
        self.open(Instruction::Block(BlockType::Empty), Vec::new());
        self.value(EXN);
        if self.below(8) > 0 {
            self.emit(Instruction::BrOnNull(0));
        }
        self.count(THROWN);
        self.emit(Instruction::ThrowRef);
        self.close();
    }

    /// A conditional branch to any open label, or a return, or a switch.
    fn leave(&mut self) {
        let label = self.below(self.labels.len() as u32);
        let values = self.labels[self.labels.len() - 1 - label as usize].clone();
        if values.len() == UNCOUNTED {
            return self.set_state();
        }
        if values.is_empty() && self.below(2) == 0 {
            return self.switch(label);
        }
        self.condition();
        self.emit(Instruction::If(BlockType::Empty));
        for ty in &values {
            self.value(*ty);
        }
        let is_function = label as usize == self.labels.len() - 1;
        match is_function && self.below(2) == 0 {
            true => self.emit(Instruction::Return),
            false => self.emit(Instruction::Br(label + 1)),
        }
        self.emit(Instruction::End);
    }

    /// A `br_table` to the label and to right behind itself, with up to two ways that differ from the default.
    fn switch(&mut self, label: u32) {
        let mut targets = vec![0; 2 + self.below(4) as usize];
        for _ in 0..1 + self.below(2) {
            let way = self.below(targets.len() as u32) as usize;
            targets[way] = label + 1;
        }
        self.emit(Instruction::Block(BlockType::Empty));
        self.value(ValType::I32);
        self.emit(Instruction::BrTable(targets.into(), 0));
        self.emit(Instruction::End);
    }

    fn choice(&mut self) {
        self.condition();
        self.open(Instruction::If(BlockType::Empty), Vec::new());
        self.statements();
        self.emit(Instruction::Else);
        self.statements();
        self.close();
    }

    fn count_loop(&mut self) {
        let counter = self.counter_of(self.depth + 1);
        self.emit(Instruction::I32Const(0));
        self.emit(Instruction::LocalSet(counter));
        self.emit(Instruction::Block(BlockType::Empty));
        self.labels.push(Vec::new());
        self.depth += 1;
        self.emit(Instruction::Loop(BlockType::Empty));
        // The loop's own label is none that others may branch to: they would not count.
        self.labels.push(vec![EXN; UNCOUNTED]);
        self.emit(Instruction::LocalGet(counter));
        self.emit(Instruction::I32Const(1));
        self.emit(Instruction::I32Add);
        self.emit(Instruction::LocalTee(counter));
        self.emit(Instruction::I32Const(3));
        self.emit(Instruction::I32GtS);
        self.emit(Instruction::BrIf(1));
        self.statements();
        self.emit(Instruction::Br(0));
        self.labels.pop();
        self.emit(Instruction::End);
        self.close();
    }

    fn counter_of(&mut self, depth: u32) -> u32 {
        let before = std::mem::replace(&mut self.depth, depth);
        let counter = self.counter();
        self.depth = before;
        counter
    }

    fn block(&mut self) {
        let ty = self.program.random.pick(&[ValType::I32, ValType::I64, ValType::F64]);
        self.open(Instruction::Block(BlockType::Result(ty)), vec![ty]);
        self.statements();
        self.value(ty);
        self.close();
        let local = self.local(ty);
        self.emit(Instruction::LocalSet(local));
    }
}
