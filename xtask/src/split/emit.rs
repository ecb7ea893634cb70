//! Writes the function with its switch, and the functions that its arms become.

use std::collections::BTreeMap;

use anyhow::Result;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, Instruction, ValType};
use wasmparser::Operator;

use super::Additions;
use super::arms::{Arm, Exit, Found, is_within};
use super::body::{Body, Label, Variables};

/// Marks every answer but that of the first exit, which is so told by its sign.
const OTHER: u64 = 1 << 63;

/// The variables of a set, in order.
fn each(variables: Variables) -> impl Iterator<Item = u32> {
    (0..128).filter(move |variable| variables >> variable & 1 == 1)
}

/// Writes what is left of the function; how many arms it has now.
pub fn emit(body: &Body<'_>, found: &Found, additions: &mut Additions) -> Result<(Function, usize)> {
    let mut functions = Vec::with_capacity(found.arms.len());
    for arm in &found.arms {
        let params = each(arm.params).map(|variable| body.variables[variable as usize]).collect();
        let code = Writer { body, found, additions }.arm(arm)?;
        functions.push(additions.function(params, code));
    }
    let rest = Writer { body, found, additions }.rest(&functions)?;
    Ok((rest, found.arms.len()))
}

struct Writer<'w, 'a> {
    body: &'w Body<'a>,
    found: &'w Found,
    additions: &'w mut Additions,
}

impl Writer<'_, '_> {
    /// The variables that an exit takes along in globals, and these.
    fn moved(&mut self, exit: &Exit) -> Vec<(u32, u32)> {
        let mut used: BTreeMap<u8, usize> = BTreeMap::new();
        let mut moved = Vec::new();
        for variable in each(exit.changed).filter(|variable| Some(*variable) != self.found.carried) {
            let ty = self.body.variables[variable as usize];
            let nth = used.entry(rank(ty)).or_default();
            moved.push((variable, self.additions.global(ty, *nth)));
            *nth += 1;
        }
        moved
    }

    fn number(&self, exit: &Exit) -> u64 {
        self.found.exits.iter().position(|known| known == exit).unwrap_or(0) as u64
    }

    fn is_carried(&self, exit: &Exit) -> Option<u32> {
        self.found.carried.filter(|variable| exit.changed >> variable & 1 == 1)
    }

    /// An arm as a function.
    fn arm(&mut self, arm: &Arm) -> Result<Function> {
        let body = self.body;
        let mut numbers: BTreeMap<u32, u32> = each(arm.params).zip(0..).collect();
        let mut locals = Vec::new();
        for at in arm.code.clone() {
            if let Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } = body.operators[at]
            {
                let next = numbers.len() as u32;
                numbers.entry(local_index).or_insert_with(|| {
                    locals.push((1, body.variables[local_index as usize]));
                    next
                });
            }
        }
        let mut exits: Vec<Exit> = Vec::new();
        for exit in arm.exits.iter().flat_map(|(_, exits)| exits) {
            if !exits.contains(exit) {
                exits.push(*exit);
            }
        }
        let mut function = Function::new(locals);
        for _ in &exits {
            function.instruction(&Instruction::Block(BlockType::Empty));
        }
        let mut level = 0;
        for at in arm.code.clone() {
            let ways = arm.exits.iter().find(|(from, _)| *from == at).map_or(&[][..], |(_, ways)| ways);
            let mut ways = ways.iter();
            let mut depth = |label: Label, depth: u32| match is_within(label, &arm.code) {
                true => depth,
                false => {
                    level
                        + ways.next().and_then(|way| exits.iter().position(|exit| exit == way)).unwrap_or(0)
                            as u32
                }
            };
            let instruction = match &body.operators[at] {
                Operator::Br { relative_depth } => {
                    Instruction::Br(depth(body.label(at, *relative_depth), *relative_depth))
                }
                Operator::BrIf { relative_depth } => {
                    Instruction::BrIf(depth(body.label(at, *relative_depth), *relative_depth))
                }
                Operator::Return => Instruction::Br(depth(None, 0)),
                Operator::BrTable { targets } => {
                    let mut table = Vec::new();
                    for target in targets.targets() {
                        let target = target?;
                        table.push(depth(body.label(at, target), target));
                    }
                    let default = targets.default();
                    let default = depth(body.label(at, default), default);
                    Instruction::BrTable(table.into(), default)
                }
                Operator::LocalGet { local_index } => Instruction::LocalGet(numbers[local_index]),
                Operator::LocalSet { local_index } => Instruction::LocalSet(numbers[local_index]),
                Operator::LocalTee { local_index } => Instruction::LocalTee(numbers[local_index]),
                other => RoundtripReencoder.instruction(other.clone())?,
            };
            function.instruction(&instruction);
            match &body.operators[at] {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => level += 1,
                Operator::End => level -= 1,
                _ => {}
            }
        }
        match arm.exits.last() {
            Some((at, ways)) if *at == arm.code.end => {
                let way = exits.iter().position(|exit| *exit == ways[0]).unwrap_or(0);
                function.instruction(&Instruction::Br(way as u32));
            }
            _ => {
                function.instruction(&Instruction::Unreachable);
            }
        }
        for exit in &exits {
            function.instruction(&Instruction::End);
            for (variable, global) in self.moved(exit) {
                function.instruction(&Instruction::LocalGet(numbers[&variable]));
                function.instruction(&Instruction::GlobalSet(global));
            }
            let number = self.number(exit);
            let answer = if number == 0 { 0 } else { OTHER | number << 32 };
            match self.is_carried(exit) {
                Some(variable) => {
                    function.instruction(&Instruction::LocalGet(numbers[&variable]));
                    function.instruction(&Instruction::I64ExtendI32U);
                    if answer != 0 {
                        function.instruction(&Instruction::I64Const(answer as i64));
                        function.instruction(&Instruction::I64Or);
                    }
                }
                None => {
                    function.instruction(&Instruction::I64Const(answer as i64));
                }
            }
            function.instruction(&Instruction::Return);
        }
        if exits.is_empty() {
            function.instruction(&Instruction::Unreachable);
        }
        function.instruction(&Instruction::End);
        Ok(function)
    }

    /// The function without its arms.
    fn rest(&mut self, functions: &[u32]) -> Result<Function> {
        let body = self.body;
        let mut declared: Vec<(u32, ValType)> =
            body.variables[body.params..].iter().map(|ty| (1, *ty)).collect();
        declared.extend([(1, ValType::I32), (1, ValType::I64)]);
        let mut function = Function::new(declared);
        let mut at = 0;
        while at < body.operators.len() {
            let gone = self.found.arms.iter().find(|arm| !arm.stays && arm.code.start == at);
            if let Some(arm) = gone {
                function.instruction(&Instruction::Unreachable);
                at = arm.code.end;
                continue;
            }
            if at == self.found.switch {
                self.switch(&mut function, functions)?;
            } else {
                function.instruction(&RoundtripReencoder.instruction(body.operators[at].clone())?);
            }
            at += 1;
        }
        Ok(function)
    }

    fn call(&self, function: &mut Function, which: usize, functions: &[u32]) {
        for variable in each(self.found.arms[which].params) {
            function.instruction(&Instruction::LocalGet(variable));
        }
        function.instruction(&Instruction::Call(functions[which]));
        function.instruction(&Instruction::LocalSet(self.body.variables.len() as u32 + 1));
    }

    fn which(&self, label: Label) -> Option<usize> {
        label.and_then(|label| self.found.arms.iter().position(|arm| arm.label == label))
    }

    /// The switch, the calls of the arms, and what their answers are.
    fn switch(&mut self, function: &mut Function, functions: &[u32]) -> Result<()> {
        let (body, at) = (self.body, self.found.switch);
        let Operator::BrTable { targets } = &body.operators[at] else { return Ok(()) };
        let selector = body.variables.len() as u32;
        let answer = selector + 1;
        let count = functions.len() as u32;
        function.instruction(&Instruction::LocalSet(selector));
        for _ in 0..=count {
            function.instruction(&Instruction::Block(BlockType::Empty));
        }
        let depth =
            |target: u32| self.which(body.label(at, target)).map_or(target + count + 1, |which| which as u32);
        let mut table = Vec::new();
        for target in targets.targets() {
            table.push(depth(target?));
        }
        function.instruction(&Instruction::LocalGet(selector));
        function.instruction(&Instruction::BrTable(table.into(), depth(targets.default())));
        for which in 0..functions.len() {
            function.instruction(&Instruction::End);
            self.call(function, which, functions);
            function.instruction(&Instruction::Br(count - 1 - which as u32));
        }
        function.instruction(&Instruction::End);
        function.instruction(&Instruction::Loop(BlockType::Empty));
        self.exits(function, functions, answer);
        function.instruction(&Instruction::End);
        function.instruction(&Instruction::Unreachable);
        Ok(())
    }

    /// Within a loop: by the answer of an arm takes back what it changed, and goes on where it went.
    fn exits(&mut self, function: &mut Function, functions: &[u32], answer: u32) {
        let found = self.found;
        let exits = &found.exits;
        let Some(first) = exits.first() else {
            function.instruction(&Instruction::Unreachable);
            return;
        };
        if exits.len() == 1 {
            self.exit(function, functions, first, 0);
            return;
        }
        function.instruction(&Instruction::LocalGet(answer));
        function.instruction(&Instruction::I64Const(0));
        function.instruction(&Instruction::I64GeS);
        function.instruction(&Instruction::If(BlockType::Empty));
        self.exit(function, functions, first, 1);
        function.instruction(&Instruction::End);
        let others = exits.len() as u32 - 1;
        if others > 1 {
            for _ in 0..others {
                function.instruction(&Instruction::Block(BlockType::Empty));
            }
            function.instruction(&Instruction::LocalGet(answer));
            function.instruction(&Instruction::I64Const(32));
            function.instruction(&Instruction::I64ShrU);
            function.instruction(&Instruction::I32WrapI64);
            function.instruction(&Instruction::I32Const(i32::MIN + 1));
            function.instruction(&Instruction::I32Sub);
            function
                .instruction(&Instruction::BrTable((0..others - 1).collect::<Vec<u32>>().into(), others - 1));
        }
        for (exit, level) in exits[1..].iter().zip((0..others).rev()) {
            if others > 1 {
                function.instruction(&Instruction::End);
            }
            self.exit(function, functions, exit, level);
        }
    }

    fn exit(&mut self, function: &mut Function, functions: &[u32], exit: &Exit, level: u32) {
        let answer = self.body.variables.len() as u32 + 1;
        if let Some(variable) = self.is_carried(exit) {
            function.instruction(&Instruction::LocalGet(answer));
            function.instruction(&Instruction::I32WrapI64);
            function.instruction(&Instruction::LocalSet(variable));
        }
        for (variable, global) in self.moved(exit) {
            function.instruction(&Instruction::GlobalGet(global));
            function.instruction(&Instruction::LocalSet(variable));
        }
        match self.which(exit.label) {
            Some(which) => {
                self.call(function, which, functions);
                function.instruction(&Instruction::Br(level));
            }
            None => {
                // The loop of the answers is around, too.
                let mut depth = level + 1;
                let mut label = self.body.around[self.found.switch];
                while label != exit.label && label.is_some() {
                    label = label.and_then(|opened| self.body.around[opened]);
                    depth += 1;
                }
                function.instruction(&Instruction::Br(depth));
            }
        }
    }
}

fn rank(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        _ => 3,
    }
}
