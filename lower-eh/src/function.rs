//! Rewrites one function body, instruction by instruction.
//!
//! The original is validated along the way, for its operand types; unreachable code is left out. Every label keeps its
//! meaning by its *level*: the number of blocks of the output that are open when it is in scope.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{Encode, Function, Instruction};
use wasmparser::{
    BlockType, FuncToValidate, FuncValidator, Operator, ValType, ValidatorResources, WasmFeatures,
};

use crate::analysis::{Analysis, BodyFacts};
use crate::error::Error;
use crate::exceptions::Handler;
use crate::locals::Locals;
use crate::module::{Body, Module, is_exnref};
use crate::payload::{Payload, default_value};
use crate::scan::{Callee, instruction_name};
use crate::types::Types;
use crate::{Options, Report};

/// What all functions of a module share.
pub(crate) struct Context<'m> {
    pub module: &'m Module<'m>,
    pub analysis: &'m Analysis,
    pub payload: &'m Payload,
    pub options: &'m Options,
}

impl Context<'_> {
    /// Whether a body has anything to rewrite. If not it is copied as it is.
    pub fn concerns(&self, facts: &BodyFacts) -> bool {
        let has_switch = self.options.compare_switches && facts.scan.has_switch;
        self.analysis.has_exnref || facts.has_sites || !facts.scan.caught.is_empty() || has_switch
    }
}

/// The body of a function while it is rewritten.
pub(crate) struct Rewriter<'m> {
    pub context: &'m Context<'m>,
    pub types: &'m mut Types,
    pub report: &'m mut Report,
    pub facts: &'m BodyFacts,
    pub locals: Locals,
    pub validator: FuncValidator<ValidatorResources>,
    function: u32,
    code: Vec<u8>,
    /// The open blocks of the original, the function itself first.
    pub blocks: Vec<Block>,
    /// How many blocks of the output are open.
    pub level: u32,
    /// How many `try_table`s came by.
    pub tries: usize,
    /// In unreachable code: how many blocks deep.
    dead: Option<u32>,
    /// After a call that may throw, until it is known that a return does not follow.
    check_pending: bool,
}

/// An open block of the original.
pub(crate) struct Block {
    /// The level of its label.
    pub label: u32,
    /// The level to which an exception in it goes.
    pub unwind: u32,
    /// For a `try_table` that may catch something, what it does.
    pub handler: Option<Handler>,
}

/// A rewritten function.
pub(crate) struct Rewritten {
    pub function: Function,
    /// The new number of every local.
    pub locals: Vec<u32>,
}

/// Rewrites the body; `facts` are those of this body.
pub(crate) fn rewrite<'m>(
    context: &'m Context<'m>,
    types: &'m mut Types,
    report: &'m mut Report,
    body: &Body<'_>,
    facts: &'m BodyFacts,
) -> Result<Rewritten, Error> {
    let to_validate = FuncToValidate {
        resources: body.resources.clone(),
        index: body.function,
        ty: context.module.facts.functions[body.function as usize],
        features: WasmFeatures::all(),
    };
    let signature = context.module.function_signature(body.function);
    let params = signature.map_or(&[][..], |signature| signature.params());
    let rewriter = Rewriter {
        context,
        types,
        report,
        facts,
        locals: Locals::new(params, context.payload),
        validator: to_validate.into_validator(Default::default()),
        function: body.function,
        code: Vec::new(),
        blocks: Vec::new(),
        level: 0,
        tries: 0,
        dead: None,
        check_pending: false,
    };
    rewriter.run(body)
}

impl Rewriter<'_> {
    fn run(mut self, body: &Body<'_>) -> Result<Rewritten, Error> {
        let mut locals = body.body.get_locals_reader()?;
        for _ in 0..locals.get_count() {
            let offset = locals.original_position();
            let (count, ty) = locals.read()?;
            self.validator.define_locals(offset, count, ty)?;
            self.locals.declare(count, ty, self.context.payload)?;
        }
        let mut operators = body.body.get_operators_reader()?;
        self.open_function(operators.original_position())?;
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            self.step(&operator, offset)?;
        }
        let mut function = Function::new(self.locals.declared());
        function.raw(self.code);
        Ok(Rewritten { function, locals: self.locals.into_starts() })
    }

    /// An exception that leaves the function goes to the end of a block around the whole body.
    fn open_function(&mut self, offset: usize) -> Result<(), Error> {
        if self.facts.leaves {
            self.refuse_results_without_default(offset)?;
            self.open(wasm_encoder::BlockType::Empty);
        }
        self.blocks.push(Block { label: 0, unwind: self.level, handler: None });
        Ok(())
    }

    fn results(&self) -> Vec<ValType> {
        let signature = self.context.module.function_signature(self.function);
        let results = signature.map_or(&[][..], |signature| signature.results());
        self.context.payload.flatten(results)
    }

    fn refuse_results_without_default(&self, offset: usize) -> Result<(), Error> {
        for ty in self.results() {
            if default_value(ty)?.is_none() {
                return Err(Error::refused(
                    self.context.module.describe(self.function),
                    format!("(result {ty})"),
                    offset,
                    "the function may throw, and then it must return a value that stands for nothing, which this \
                     type does not have",
                    "make the result nullable",
                ));
            }
        }
        Ok(())
    }

    pub fn emit(&mut self, instruction: &Instruction<'_>) {
        instruction.encode(&mut self.code);
    }

    /// Opens a block of the output.
    pub fn open(&mut self, ty: wasm_encoder::BlockType) {
        self.emit(&Instruction::Block(ty));
        self.level += 1;
    }

    /// Ends a block of the output.
    pub fn close(&mut self) {
        self.emit(&Instruction::End);
        self.level = self.level.saturating_sub(1);
    }

    pub fn branch(&mut self, level: u32) {
        self.emit(&Instruction::Br(self.level - level));
    }

    /// Where an exception goes that is thrown here.
    pub fn unwind(&self) -> u32 {
        self.blocks.last().map_or(0, |block| block.unwind)
    }

    /// The depth in the output of a label of the original.
    pub fn depth(&self, relative: u32) -> u32 {
        let block = self.blocks.len().checked_sub(1 + relative as usize).and_then(|at| self.blocks.get(at));
        self.level - block.map_or(0, |block| block.label)
    }

    /// The type of an operand, counted from the top; `None` if there is none or it is not known.
    pub fn operand(&self, from_top: usize) -> Option<ValType> {
        self.validator.get_operand_type(from_top).flatten()
    }

    fn top_is_exnref(&self) -> bool {
        self.operand(0).is_some_and(is_exnref)
    }

    fn step(&mut self, operator: &Operator<'_>, offset: usize) -> Result<(), Error> {
        if !self.skips(operator) {
            self.check(operator);
            self.rewrite(operator, offset)?;
            self.validator.op(offset, operator)?;
            let block = self.validator.get_control_frame(0);
            self.dead = block.filter(|block| block.unreachable).map(|_| 0);
            return Ok(());
        }
        Ok(self.validator.op(offset, operator)?)
    }

    /// Whether an instruction is unreachable and so left out; keeps count of the blocks left out.
    fn skips(&mut self, operator: &Operator<'_>) -> bool {
        let Some(depth) = self.dead else { return false };
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                self.dead = Some(depth + 1)
            }
            Operator::TryTable { .. } => {
                self.tries += 1;
                self.dead = Some(depth + 1);
            }
            Operator::End | Operator::Else if depth == 0 => return false,
            Operator::End => self.dead = Some(depth - 1),
            _ => {}
        }
        true
    }

    /// Looks whether the call before has thrown. If a return follows there is no need: the caller looks.
    fn check(&mut self, next: &Operator<'_>) {
        if !std::mem::take(&mut self.check_pending) {
            return;
        }
        let leaves = match next {
            Operator::Return => self.blocks.iter().all(|block| block.handler.is_none()),
            Operator::End => self.blocks.len() == 1,
            _ => false,
        };
        if !leaves {
            self.report.call_sites += 1;
            self.emit(&Instruction::GlobalGet(self.context.payload.unwinding));
            self.emit(&Instruction::BrIf(self.level - self.unwind()));
        }
    }

    fn rewrite(&mut self, operator: &Operator<'_>, offset: usize) -> Result<(), Error> {
        match operator {
            Operator::Block { blockty } => {
                let ty = self.block_type(*blockty)?;
                self.open_block(&Instruction::Block(ty));
            }
            Operator::Loop { blockty } => {
                let ty = self.block_type(*blockty)?;
                self.open_block(&Instruction::Loop(ty));
            }
            Operator::If { blockty } => {
                let ty = self.block_type(*blockty)?;
                self.open_block(&Instruction::If(ty));
            }
            Operator::TryTable { try_table } => self.open_try(try_table)?,
            Operator::Else => self.emit(&Instruction::Else),
            Operator::End => self.close_block()?,
            Operator::Throw { tag_index } => self.throw(*tag_index),
            Operator::ThrowRef => self.throw_ref(),
            _ if self.top_is_exnref() || self.names_exnref(operator) => {
                self.rewrite_exnref(operator, offset)?
            }
            _ => self.rewrite_plain(operator)?,
        }
        Ok(())
    }

    pub fn open_block(&mut self, instruction: &Instruction<'_>) {
        self.emit(instruction);
        self.level += 1;
        self.blocks.push(Block { label: self.level, unwind: self.unwind(), handler: None });
    }

    fn close_block(&mut self) -> Result<(), Error> {
        let Some(block) = self.blocks.pop() else { return Ok(()) };
        match block.handler {
            Some(handler) => self.close_try(handler, block.label),
            None if self.blocks.is_empty() => self.close_function(),
            None => {
                self.close();
                Ok(())
            }
        }
    }

    fn close_function(&mut self) -> Result<(), Error> {
        if self.facts.leaves {
            if self.is_reachable() {
                self.emit(&Instruction::Return);
            }
            self.close();
            for ty in self.results() {
                if let Some(value) = default_value(ty)? {
                    self.emit(&value);
                }
            }
        }
        self.emit(&Instruction::End);
        Ok(())
    }

    pub fn is_reachable(&self) -> bool {
        self.dead.is_none()
    }

    /// A block type with exception references replaced. Those named by index are replaced in the type section.
    pub fn block_type(&mut self, ty: BlockType) -> Result<wasm_encoder::BlockType, Error> {
        match ty {
            BlockType::Type(ty) if is_exnref(ty) => {
                let results = self.context.payload.tuple().collect();
                self.types.block(Vec::new(), results)
            }
            other => Ok(RoundtripReencoder.block_type(other).map_err(defect)?),
        }
    }

    /// An instruction that has nothing to do with exception references.
    pub fn rewrite_plain(&mut self, operator: &Operator<'_>) -> Result<(), Error> {
        if let Operator::BrTable { targets } = operator
            && self.compare_switch(targets)?
        {
            return Ok(());
        }
        let mut instruction = RoundtripReencoder.instruction(operator.clone()).map_err(defect)?;
        self.relocate(&mut instruction);
        self.emit(&instruction);
        if let Some(callee) = callee_of(operator) {
            self.check_pending = self.context.analysis.may_throw(callee);
        }
        Ok(())
    }

    /// Adapts the labels and locals that an instruction names.
    fn relocate(&self, instruction: &mut Instruction<'_>) {
        match instruction {
            Instruction::Br(label)
            | Instruction::BrIf(label)
            | Instruction::BrOnNull(label)
            | Instruction::BrOnNonNull(label) => *label = self.depth(*label),
            Instruction::BrOnCast { relative_depth, .. }
            | Instruction::BrOnCastFail { relative_depth, .. }
            | Instruction::BrOnCastDescEq { relative_depth, .. }
            | Instruction::BrOnCastDescEqFail { relative_depth, .. } => {
                *relative_depth = self.depth(*relative_depth);
            }
            Instruction::BrTable(targets, default) => {
                for target in targets.to_mut() {
                    *target = self.depth(*target);
                }
                *default = self.depth(*default);
            }
            Instruction::LocalGet(local) | Instruction::LocalSet(local) | Instruction::LocalTee(local) => {
                *local = self.locals.start(*local);
            }
            _ => {}
        }
    }

    pub fn refused(&self, operator: &Operator<'_>, offset: usize, reason: &str, advice: &str) -> Error {
        let place = self.context.module.describe(self.function);
        Error::refused(place, instruction_name(operator), offset, reason, advice)
    }
}

fn callee_of(operator: &Operator<'_>) -> Option<Callee> {
    match *operator {
        Operator::Call { function_index } => Some(Callee::Function(function_index)),
        Operator::CallIndirect { type_index, .. } | Operator::CallRef { type_index } => {
            Some(Callee::Type(type_index))
        }
        _ => None,
    }
}

fn defect(error: wasm_encoder::reencode::Error) -> Error {
    Error::Defect { message: error.to_string() }
}
