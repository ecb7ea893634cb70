//! Exception references as plain values: a tuple of the tag and every payload slot (see `payload.rs`).

use wasm_encoder::{BlockType, Instruction};
use wasmparser::{Operator, ValType};

use crate::error::Error;
use crate::function::Rewriter;
use crate::module::{is_exception_heap, is_exnref};
use crate::payload::default_value;

impl Rewriter<'_> {
    /// Whether an instruction names something of type `exnref`, be one on the stack or not.
    pub fn names_exnref(&self, operator: &Operator<'_>) -> bool {
        match *operator {
            Operator::LocalGet { local_index } => self.locals.is_exnref(local_index),
            Operator::GlobalGet { global_index } => self.context.payload.parts_of(global_index).is_some(),
            Operator::RefNull { hty } => is_exception_heap(hty),
            Operator::TypedSelect { ty } => is_exnref(ty),
            _ => false,
        }
    }

    /// An instruction that names an exception reference, or has one on top of the stack.
    pub fn rewrite_exnref(&mut self, operator: &Operator<'_>, offset: usize) -> Result<(), Error> {
        match *operator {
            Operator::RefNull { hty } if is_exception_heap(hty) => self.null_tuple(),
            Operator::LocalGet { local_index } if self.locals.is_exnref(local_index) => {
                self.get_locals(self.locals.start(local_index));
                Ok(())
            }
            Operator::LocalSet { local_index } => {
                self.set_locals(self.locals.start(local_index));
                Ok(())
            }
            Operator::LocalTee { local_index } => {
                self.set_locals(self.locals.start(local_index));
                self.get_locals(self.locals.start(local_index));
                Ok(())
            }
            Operator::GlobalGet { global_index } => self.get_global(global_index),
            Operator::GlobalSet { global_index } => self.set_global(global_index),
            Operator::Drop => {
                self.drop_values(self.context.payload.width());
                Ok(())
            }
            Operator::RefIsNull => {
                self.drop_values(self.context.payload.width() - 1);
                self.emit(&Instruction::I32Eqz);
                Ok(())
            }
            Operator::RefAsNonNull => self.as_non_null(),
            Operator::BrOnNull { relative_depth } => self.branch_on_null(relative_depth),
            Operator::BrOnNonNull { relative_depth } => self.branch_on_non_null(relative_depth),
            Operator::TypedSelect { ty } if is_exnref(ty) => self.select(),
            Operator::BrOnCast { .. } | Operator::BrOnCastFail { .. } => Err(self.refused(
                operator,
                offset,
                "an exception reference becomes plain values, which cannot be cast",
                "test it with ref.is_null",
            )),
            _ => self.rewrite_plain(operator),
        }
    }

    fn null_tuple(&mut self) -> Result<(), Error> {
        for ty in self.context.payload.tuple() {
            if let Some(value) = default_value(ty)? {
                self.emit(&value);
            }
        }
        Ok(())
    }

    fn get_locals(&mut self, first: u32) {
        for local in first..first + self.context.payload.width() {
            self.emit(&Instruction::LocalGet(local));
        }
    }

    fn set_locals(&mut self, first: u32) {
        for local in (first..first + self.context.payload.width()).rev() {
            self.emit(&Instruction::LocalSet(local));
        }
    }

    fn get_global(&mut self, global: u32) -> Result<(), Error> {
        for part in self.context.payload.parts_of(global).unwrap_or_else(|| vec![global]) {
            self.emit(&Instruction::GlobalGet(part));
        }
        Ok(())
    }

    fn set_global(&mut self, global: u32) -> Result<(), Error> {
        for part in self.context.payload.parts_of(global).unwrap_or_else(|| vec![global]).into_iter().rev() {
            self.emit(&Instruction::GlobalSet(part));
        }
        Ok(())
    }

    fn drop_values(&mut self, count: u32) {
        for _ in 0..count {
            self.emit(&Instruction::Drop);
        }
    }

    fn as_non_null(&mut self) -> Result<(), Error> {
        let first = self.locals.tuple(self.context.payload)?;
        self.set_locals(first);
        self.emit(&Instruction::LocalGet(first));
        self.trap_if_zero();
        self.get_locals(first);
        Ok(())
    }

    fn branch_on_null(&mut self, label: u32) -> Result<(), Error> {
        let first = self.locals.tuple(self.context.payload)?;
        self.set_locals(first);
        self.emit(&Instruction::LocalGet(first));
        self.emit(&Instruction::I32Eqz);
        self.emit(&Instruction::BrIf(self.depth(label)));
        self.get_locals(first);
        Ok(())
    }

    fn branch_on_non_null(&mut self, label: u32) -> Result<(), Error> {
        let first = self.locals.tuple(self.context.payload)?;
        self.set_locals(first);
        self.get_locals(first);
        self.emit(&Instruction::LocalGet(first));
        self.emit(&Instruction::BrIf(self.depth(label)));
        self.drop_values(self.context.payload.width());
        Ok(())
    }

    /// Both tuples lie on the stack under the condition: the upper one is dropped, or laid aside to drop the lower.
    fn select(&mut self) -> Result<(), Error> {
        let width = self.context.payload.width();
        let first = self.locals.tuple(self.context.payload)?;
        let one: Vec<ValType> = self.context.payload.tuple().collect();
        let both = [one.clone(), one.clone()].concat();
        let ty: BlockType = self.types.block(both, one)?;
        self.emit(&Instruction::If(ty));
        self.drop_values(width);
        self.emit(&Instruction::Else);
        self.set_locals(first);
        self.drop_values(width);
        self.get_locals(first);
        self.emit(&Instruction::End);
        Ok(())
    }
}
