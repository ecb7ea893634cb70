//! Switches of two ways as compares.
//!
//! LLVM turns a switch with two cases into a `br_table` whose other entries all go to the default. Engines compile
//! that to an indirect jump, which costs more than one or two compares.

use wasm_encoder::Instruction;
use wasmparser::{BlockType, BrTable, FrameKind};

use crate::error::Error;
use crate::function::Rewriter;

/// With more ways than this a table is the better code.
const MOST_WAYS: usize = 2;

impl Rewriter<'_> {
    /// Emits compares for a `br_table`, if that is asked for and possible.
    pub fn compare_switch(&mut self, targets: &BrTable<'_>) -> Result<bool, Error> {
        if !self.context.options.compare_switches {
            return Ok(false);
        }
        let default = targets.default();
        let mut ways = Vec::new();
        for (index, target) in targets.targets().enumerate() {
            let target = target?;
            if target != default {
                ways.push((index as i32, target));
            }
            if ways.len() > MOST_WAYS {
                return Ok(false);
            }
        }
        // All labels of a table have as many values, so the default speaks for all.
        if self.label_has_values(default) {
            return Ok(false);
        }
        self.emit_ways(&ways);
        self.emit(&Instruction::Br(self.depth(default)));
        self.report.switches += 1;
        Ok(true)
    }

    /// The last way is compared first: in a switch over type tags that is the one the compiler's authors put
    /// farthest from zero, and measurements of an interpreter's loop found this order the faster one.
    fn emit_ways(&mut self, ways: &[(i32, u32)]) {
        match *ways {
            [] => self.emit(&Instruction::Drop),
            [only] => self.emit_way(only),
            [low, high, ..] => {
                let index = self.locals.switch();
                self.emit(&Instruction::LocalTee(index));
                self.emit_way(high);
                self.emit(&Instruction::LocalGet(index));
                self.emit_way(low);
            }
        }
    }

    fn emit_way(&mut self, (index, target): (i32, u32)) {
        if index == 0 {
            self.emit(&Instruction::I32Eqz);
        } else {
            self.emit(&Instruction::I32Const(index));
            self.emit(&Instruction::I32Eq);
        }
        self.emit(&Instruction::BrIf(self.depth(target)));
    }

    fn label_has_values(&self, relative: u32) -> bool {
        let Some(block) = self.validator.get_control_frame(relative as usize) else { return true };
        match block.block_type {
            BlockType::Empty => false,
            BlockType::Type(_) => block.kind != FrameKind::Loop,
            BlockType::FuncType(ty) => match self.context.module.signature(ty) {
                Some(signature) if block.kind == FrameKind::Loop => !signature.params().is_empty(),
                Some(signature) => !signature.results().is_empty(),
                None => true,
            },
        }
    }
}
