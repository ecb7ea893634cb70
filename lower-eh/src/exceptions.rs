//! `throw`, `throw_ref` and `try_table` as plain control flow.
//!
//! ```text
//! try_table (catch $t $l)     block $exit
//!   body                        block $landing
//! end                             body              ;; an exception in here branches to $landing
//!                                 br $exit
//!                               end
//!                               if $unwinding is $t: clear it, push the payload, br $l
//!                               br to where exceptions go outside
//!                             end
//! ```

use wasm_encoder::{BlockType, Instruction};
use wasmparser::{Catch, TryTable, ValType};

use crate::error::Error;
use crate::function::{Block, Rewriter};
use crate::tags::TagSet;

/// What a `try_table` does with an exception.
pub(crate) struct Handler {
    catches: Vec<Catch>,
    /// The tags that may arrive.
    arriving: TagSet,
}

impl Rewriter<'_> {
    pub fn throw(&mut self, tag: u32) {
        self.report.throws += 1;
        let payload = self.context.payload;
        for place in payload.places_of(tag).iter().rev() {
            self.emit(&Instruction::GlobalSet(place.global));
        }
        self.emit(&tag_constant(tag));
        self.emit(&Instruction::GlobalSet(payload.unwinding));
        self.branch(self.unwind());
    }

    /// Throws the exception whose parts are on the stack.
    pub fn throw_ref(&mut self) {
        self.report.throws += 1;
        let payload = self.context.payload;
        if !self.facts.rethrows {
            // Nothing throws, so nothing is caught: the reference is null.
            self.emit(&Instruction::Unreachable);
            return;
        }
        for global in payload.slot_globals().rev() {
            self.emit(&Instruction::GlobalSet(global));
        }
        self.emit(&Instruction::GlobalSet(payload.unwinding));
        let nullable = !matches!(self.operand(0), Some(ValType::Ref(ty)) if !ty.is_nullable());
        if nullable {
            self.emit(&Instruction::GlobalGet(payload.unwinding));
            self.trap_if_zero();
        }
        self.branch(self.unwind());
    }

    /// Traps if the number on the stack is zero.
    pub fn trap_if_zero(&mut self) {
        self.emit(&Instruction::I32Eqz);
        self.emit(&Instruction::If(BlockType::Empty));
        self.emit(&Instruction::Unreachable);
        self.emit(&Instruction::End);
    }

    pub fn open_try(&mut self, try_table: &TryTable) -> Result<(), Error> {
        self.report.try_tables += 1;
        let arriving = self.facts.arriving.get(self.tries).cloned().unwrap_or_default();
        self.tries += 1;
        let ty = self.block_type(try_table.ty)?;
        if arriving.is_empty() {
            self.open_block(&Instruction::Block(ty));
            return Ok(());
        }
        let params = match try_table.ty {
            wasmparser::BlockType::FuncType(ty) => self.context.module.signature(ty).map(|ty| ty.params()),
            _ => None,
        };
        let params = self.context.payload.flatten(params.unwrap_or(&[]));
        let landing = self.types.block(params, Vec::new())?;
        self.open(ty);
        let label = self.level;
        self.open(landing);
        let handler = Some(Handler { catches: try_table.catches.clone(), arriving });
        self.blocks.push(Block { label, unwind: self.level, handler });
        Ok(())
    }

    /// Ends a `try_table`, which is no longer among the open blocks; `exit` is the level of its label.
    pub fn close_try(&mut self, handler: Handler, exit: u32) -> Result<(), Error> {
        if self.is_reachable() {
            self.branch(exit);
        }
        self.close();
        self.dispatch(handler);
        self.close();
        Ok(())
    }

    /// Finds the clause for the exception and goes there, or on to where exceptions go outside.
    fn dispatch(&mut self, handler: Handler) {
        let mut remaining = handler.arriving;
        for catch in &handler.catches {
            if remaining.is_empty() {
                return;
            }
            match *catch {
                Catch::One { tag, label } => self.clause(&mut remaining, tag, label, false),
                Catch::OneRef { tag, label } => self.clause(&mut remaining, tag, label, true),
                Catch::All { label } => return self.catch(None, label, false),
                Catch::AllRef { label } => return self.catch(None, label, true),
            }
        }
        if !remaining.is_empty() {
            self.branch(self.unwind());
        }
    }

    fn clause(&mut self, remaining: &mut TagSet, tag: u32, label: u32, with_reference: bool) {
        if !remaining.contains(tag) {
            return;
        }
        if remaining.is_only(tag) {
            self.catch(Some(tag), label, with_reference);
        } else {
            self.emit(&Instruction::GlobalGet(self.context.payload.unwinding));
            self.emit(&tag_constant(tag));
            self.emit(&Instruction::I32Eq);
            self.emit(&Instruction::If(BlockType::Empty));
            self.level += 1;
            self.catch(Some(tag), label, with_reference);
            self.close();
        }
        remaining.remove(tag);
    }

    /// Takes the exception and goes to the label of the clause.
    fn catch(&mut self, tag: Option<u32>, label: u32, with_reference: bool) {
        let payload = self.context.payload;
        for place in tag.map_or(&[][..], |tag| payload.places_of(tag)) {
            self.emit(&Instruction::GlobalGet(place.global));
            if place.non_null {
                self.emit(&Instruction::RefAsNonNull);
            }
        }
        if with_reference {
            self.emit(&Instruction::GlobalGet(payload.unwinding));
            for global in payload.slot_globals() {
                self.emit(&Instruction::GlobalGet(global));
            }
        }
        self.emit(&Instruction::I32Const(0));
        self.emit(&Instruction::GlobalSet(payload.unwinding));
        self.emit(&Instruction::Br(self.depth(label)));
    }
}

fn tag_constant(tag: u32) -> Instruction<'static> {
    Instruction::I32Const(tag as i32 + 1)
}
