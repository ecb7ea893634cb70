//! A function's body: its instructions, blocks and branches, and which variables count where.

use anyhow::{Result, ensure};
use wasm_encoder::ValType;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{
    BlockType, FuncToValidate, FunctionBody, Operator, ValidatorResources, WasmModuleResources,
};

/// Variables, a bit for each.
pub type Variables = u128;

/// More variables than a set holds.
const MOST_VARIABLES: usize = 128;

/// Where a branch goes: to a block by the place of the instruction that opens it, or out of the function.
pub type Label = Option<usize>;

/// A body that was read and found valid.
pub struct Body<'a> {
    pub operators: Vec<Operator<'a>>,
    /// The types of parameters and other variables.
    pub variables: Vec<ValType>,
    pub params: usize,
    /// Whether the function answers nothing.
    pub is_void: bool,
    /// For an instruction that opens a block the place of its end; otherwise 0.
    pub end: Vec<usize>,
    /// For one that opens an `if` with an `else` the place of that; otherwise 0.
    pub otherwise: Vec<usize>,
    /// The block around each instruction; for `else` and `end` the one that they belong to.
    pub around: Vec<Label>,
    /// Whether the operand stack holds nothing of the block around, before each instruction.
    pub is_bare: Vec<bool>,
    /// Whether control gets to each instruction.
    pub is_reachable: Vec<bool>,
    /// The variables that count before each instruction, and nothing beyond the last.
    pub live: Vec<Variables>,
}

impl<'a> Body<'a> {
    /// Reads a body along with its validation.
    pub fn read(function: FuncToValidate<ValidatorResources>, reader: &FunctionBody<'a>) -> Result<Body<'a>> {
        let (params, is_void) = {
            let ty = function.resources.sub_type_at(function.ty).map(|ty| ty.unwrap_func().clone());
            let ty = ty.ok_or_else(|| anyhow::anyhow!("a function without a type"))?;
            (ty.params().to_vec(), ty.results().is_empty())
        };
        let mut validator = function.into_validator(Default::default());
        let mut body = Body {
            operators: Vec::new(),
            variables: Vec::new(),
            params: params.len(),
            is_void,
            end: Vec::new(),
            otherwise: Vec::new(),
            around: Vec::new(),
            is_bare: Vec::new(),
            is_reachable: Vec::new(),
            live: Vec::new(),
        };
        for ty in params {
            body.variables.push(RoundtripReencoder.val_type(ty)?);
        }
        let mut locals = reader.get_locals_reader()?;
        for _ in 0..locals.get_count() {
            let offset = locals.original_position();
            let (count, ty) = locals.read()?;
            validator.define_locals(offset, count, ty)?;
            ensure!(body.variables.len() + count as usize <= 1 << 16, "a function has too many variables");
            body.variables.extend(std::iter::repeat_n(RoundtripReencoder.val_type(ty)?, count as usize));
        }
        let mut open: Vec<usize> = Vec::new();
        let mut operators = reader.get_operators_reader()?;
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            let at = body.operators.len();
            let frame = validator.get_control_frame(0);
            body.is_bare
                .push(frame.is_some_and(|frame| frame.height == validator.operand_stack_height() as usize));
            body.is_reachable.push(frame.is_some_and(|frame| !frame.unreachable));
            body.around.push(open.last().copied());
            body.end.push(0);
            body.otherwise.push(0);
            match operator {
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::TryTable { .. } => open.push(at),
                Operator::Else => body.otherwise[open[open.len() - 1]] = at,
                Operator::End => {
                    if let Some(opened) = open.pop() {
                        body.end[opened] = at;
                    }
                }
                _ => {}
            }
            validator.op(offset, &operator)?;
            body.operators.push(operator);
        }
        if body.variables.len() <= MOST_VARIABLES {
            body.find_live();
        }
        Ok(body)
    }

    /// Whether the variables that count are known.
    pub fn is_analyzed(&self) -> bool {
        !self.live.is_empty()
    }

    /// Where a branch of an instruction goes.
    pub fn label(&self, at: usize, depth: u32) -> Label {
        let mut label = self.around[at];
        for _ in 0..depth {
            label = label.and_then(|opened| self.around[opened]);
        }
        label
    }

    /// The place at which control goes on after a branch.
    pub fn target(&self, label: Label) -> usize {
        match label {
            Some(opened) if matches!(self.operators[opened], Operator::Loop { .. }) => opened + 1,
            Some(opened) => self.end[opened] + 1,
            None => self.operators.len(),
        }
    }

    /// Whether a branch there takes no values along.
    pub fn takes_nothing(&self, label: Label) -> bool {
        match label {
            Some(opened) => matches!(
                self.operators[opened],
                Operator::Block { blockty: BlockType::Empty }
                    | Operator::Loop { blockty: BlockType::Empty }
                    | Operator::If { blockty: BlockType::Empty }
            ),
            None => self.is_void,
        }
    }

    /// The branches of an instruction.
    pub fn branches(&self, at: usize) -> Vec<Label> {
        match &self.operators[at] {
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                vec![self.label(at, *relative_depth)]
            }
            Operator::BrTable { targets } => {
                let mut found: Vec<Label> =
                    targets.targets().map_while(Result::ok).map(|depth| self.label(at, depth)).collect();
                found.push(self.label(at, targets.default()));
                found
            }
            Operator::Return => vec![None],
            _ => Vec::new(),
        }
    }

    /// The places that may come next within the function, branches apart.
    pub fn next(&self, at: usize) -> Vec<usize> {
        match &self.operators[at] {
            Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable => {
                Vec::new()
            }
            Operator::If { .. } => {
                let otherwise = self.otherwise[at];
                vec![at + 1, if otherwise == 0 { self.end[at] + 1 } else { otherwise + 1 }]
            }
            // Control comes here at the end of what stands before.
            Operator::Else => vec![self.around[at].map_or(at + 1, |opened| self.end[opened] + 1)],
            _ => vec![at + 1],
        }
    }

    fn find_live(&mut self) {
        let count = self.operators.len();
        let mut live = vec![0; count + 1];
        loop {
            let mut has_changed = false;
            for at in (0..count).rev() {
                let after = self
                    .next(at)
                    .into_iter()
                    .chain(self.branches(at).into_iter().map(|label| self.target(label)));
                let after = after.fold(0, |all: Variables, next| all | live[next]);
                let before = (after & !written(&self.operators[at])) | read(&self.operators[at]);
                has_changed |= live[at] != before;
                live[at] = before;
            }
            if !has_changed {
                break;
            }
        }
        self.live = live;
    }

    /// About how many bytes of Java's bytecode it makes.
    pub fn size(&self) -> usize {
        self.operators.iter().map(size).sum()
    }
}

/// The variable that an instruction reads.
pub fn read(operator: &Operator<'_>) -> Variables {
    match operator {
        Operator::LocalGet { local_index } => 1 << local_index,
        _ => 0,
    }
}

/// The variable that an instruction writes.
pub fn written(operator: &Operator<'_>) -> Variables {
    match operator {
        Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => 1 << local_index,
        _ => 0,
    }
}

/// About how many bytes of Java's bytecode an instruction makes: what Endive makes of them was counted.
pub fn size(operator: &Operator<'_>) -> usize {
    match operator {
        Operator::Block { .. } | Operator::Loop { .. } | Operator::End | Operator::Nop => 0,
        Operator::LocalGet { .. }
        | Operator::LocalSet { .. }
        | Operator::I32Const { .. }
        | Operator::Drop => 2,
        Operator::I64Const { .. }
        | Operator::F64Const { .. }
        | Operator::LocalTee { .. }
        | Operator::Br { .. } => 3,
        Operator::I32Add | Operator::I32Sub | Operator::I32And | Operator::I64Add | Operator::I64Sub => 1,
        Operator::BrTable { targets } => 16 + 4 * targets.len() as usize,
        Operator::Call { .. } => 6,
        Operator::CallIndirect { .. } => 12,
        Operator::GlobalGet { .. } | Operator::GlobalSet { .. } => 10,
        operator if is_access(operator) => 7,
        _ => 4,
    }
}

fn is_access(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::I32Load { .. }
            | Operator::I64Load { .. }
            | Operator::F64Load { .. }
            | Operator::I32Load8U { .. }
            | Operator::I32Load8S { .. }
            | Operator::I32Load16U { .. }
            | Operator::I32Load16S { .. }
            | Operator::I64Load32U { .. }
            | Operator::I32Store { .. }
            | Operator::I64Store { .. }
            | Operator::F64Store { .. }
            | Operator::I32Store8 { .. }
            | Operator::I32Store16 { .. }
    )
}
