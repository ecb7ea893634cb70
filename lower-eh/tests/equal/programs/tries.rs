//! Random `try_table`s and what handles the exceptions.

use wasm_encoder::{BlockType, Catch, Instruction, ValType};

use super::statements::Writer;
use super::{CAUGHT, EXN, LOG};

impl Writer<'_> {
    /// ```text
    /// block $done
    ///   block $handler ...            ;; one for each clause
    ///     try_table ... end
    ///     br $done
    ///   end
    ///   store what arrived, statements, br $done
    /// end
    /// ```
    pub fn try_table(&mut self) {
        let clauses: Vec<(Option<u32>, bool)> = (0..self.below(4)).map(|_| self.clause()).collect();
        self.open(Instruction::Block(BlockType::Empty), Vec::new());
        for (tag, with_reference) in clauses.iter().rev() {
            let values = self.arriving(*tag, *with_reference);
            let ty = self.program.block_type(&[], &values);
            self.emit(Instruction::Block(ty));
            self.labels.push(values);
        }
        let catches: Vec<Catch> = clauses
            .iter()
            .enumerate()
            .map(|(label, (tag, with_reference))| {
                let label = label as u32;
                match (*tag, with_reference) {
                    (Some(tag), false) => Catch::One { tag, label },
                    (Some(tag), true) => Catch::OneRef { tag, label },
                    (None, false) => Catch::All { label },
                    (None, true) => Catch::AllRef { label },
                }
            })
            .collect();
        self.try_body(catches);
        for (position, (tag, with_reference)) in clauses.iter().enumerate() {
            let to_done = (clauses.len() - position) as u32;
            self.emit(Instruction::Br(to_done));
            self.emit(Instruction::End);
            self.labels.pop();
            self.handler(*tag, *with_reference);
        }
        self.close();
    }

    fn try_body(&mut self, catches: Vec<Catch>) {
        let has_param = self.below(3) == 0;
        let has_result = self.below(3) == 0;
        let (params, results) = (vec![ValType::I64; has_param.into()], vec![ValType::F64; has_result.into()]);
        let ty = self.program.block_type(&params, &results);
        if has_param {
            self.value(ValType::I64);
        }
        self.open(Instruction::TryTable(ty, catches.into()), results);
        if has_param {
            let local = self.local(ValType::I64);
            self.emit(Instruction::LocalSet(local));
        }
        self.statements();
        self.call();
        if has_result {
            self.value(ValType::F64);
        }
        self.close();
        if has_result {
            let local = self.local(ValType::F64);
            self.emit(Instruction::LocalSet(local));
        }
    }

    fn clause(&mut self) -> (Option<u32>, bool) {
        let with_reference = self.program.has_exnref && self.below(2) == 0;
        let tags = self.program.tags.len() as u32;
        match self.below(4) {
            0 => (None, with_reference),
            _ => (Some(self.below(tags)), with_reference),
        }
    }

    fn arriving(&self, tag: Option<u32>, with_reference: bool) -> Vec<ValType> {
        let mut values = tag.map_or(Vec::new(), |tag| self.program.tags[tag as usize].clone());
        values.extend(with_reference.then_some(EXN));
        values
    }

    fn handler(&mut self, tag: Option<u32>, with_reference: bool) {
        for ty in self.arriving(tag, with_reference).iter().rev() {
            let local = self.local(*ty);
            self.emit(Instruction::LocalSet(local));
        }
        self.count(CAUGHT);
        self.emit(Instruction::I32Const(tag.map_or(-1, |tag| tag as i32)));
        self.emit(Instruction::Call(LOG));
        self.statement();
    }
}
