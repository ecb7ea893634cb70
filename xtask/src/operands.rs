//! Operands that others get wrong. `wasm-opt` leaves a few that wait below a loop, as in `a + (loop …)`; wasm2go, which translates the modules for Go
//! without an engine, computes such an operand anew at each turn of the loop, from variables that have changed (0.4.21). And a few are a block's
//! result that ends in a variable and is kept in another one, as in `a = (block … b)`; tinywasm copies `b` within the block, and ways out of the
//! block miss it (0.10.0).

use anyhow::{Context, Result, ensure};
use wasm_encoder::{CodeSection, Encode, Function, Instruction};
use wasmparser::{
    BlockType, FuncValidator, FunctionBody, Operator, OperatorsReader, Parser, Payload, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

use crate::section;

/// The module without them: what waits below a loop is in a local variable of its own, and a block's result is stored, then read.
pub fn settle(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
            add_settled(wasm, function.into_validator(Default::default()), &body, &mut code)?;
        }
    }
    let wasm = section::replaced(wasm, &code)?;
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::CodeSectionEntry(body) = payload? {
            code.raw(&stored_then_read(&wasm, &body)?);
        }
    }
    section::replaced(&wasm, &code)
}

/// A function's code in which no `local.tee` follows the end of a block that ends in `local.get`.
fn stored_then_read(wasm: &[u8], body: &FunctionBody) -> Result<Vec<u8>> {
    let mut operators = body.get_operators_reader()?;
    let mut bytes = Vec::new();
    let mut done = body.range().start;
    // Whether the last operator but ends of blocks was `local.get`, and whether there were such ends.
    let (mut after_get, mut after_end) = (false, false);
    while !operators.eof() {
        let from = operators.original_position();
        let operator = operators.read()?;
        if let Operator::LocalTee { local_index } = operator
            && after_get
            && after_end
        {
            bytes.extend_from_slice(&wasm[done..from]);
            Instruction::LocalSet(local_index).encode(&mut bytes);
            Instruction::LocalGet(local_index).encode(&mut bytes);
            done = operators.original_position();
        }
        after_end = matches!(operator, Operator::End);
        after_get = matches!(operator, Operator::LocalGet { .. }) || after_get && after_end;
    }
    bytes.extend_from_slice(&wasm[done..body.range().end]);
    Ok(bytes)
}

/// Adds a function to `code`.
fn add_settled(
    wasm: &[u8],
    mut validator: FuncValidator<ValidatorResources>,
    body: &FunctionBody,
    code: &mut CodeSection,
) -> Result<()> {
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    let mut locals = Vec::new();
    for group in body.get_locals_reader()? {
        let (count, kind) = group?;
        locals.push((count, kind.try_into()?));
    }
    let mut count = validator.len_locals();
    // For each block that is open, the variables that hold what waits below it, and one for its result.
    let mut open: Vec<(Vec<u32>, Option<u32>)> = vec![(Vec::new(), None)];
    let mut bytes = Vec::new();
    let mut changed = false;
    let mut operators = OperatorsReader::new(reader);
    while !operators.eof() {
        let from = operators.original_position();
        let operator = operators.read()?;
        let mut waiting = (Vec::new(), None);
        if let Operator::Loop { blockty } = &operator {
            let frame = validator.get_control_frame(0).context("an open block")?;
            let depth = validator.operand_stack_height() as usize - frame.height;
            for below in 0..depth {
                let kind =
                    validator.get_operand_type(below).flatten().context("an operand of a known type")?;
                locals.push((1, kind.try_into()?));
                Instruction::LocalSet(count).encode(&mut bytes);
                waiting.0.push(count);
                count += 1;
            }
            if depth > 0 {
                changed = true;
                ensure!(
                    !matches!(blockty, BlockType::FuncType(_)),
                    "a loop with operands below it takes some, or has several results"
                );
                if let BlockType::Type(kind) = blockty {
                    locals.push((1, (*kind).try_into()?));
                    waiting.1 = Some(count);
                    count += 1;
                }
            }
        }
        if matches!(operator, Operator::Loop { .. } | Operator::Block { .. } | Operator::If { .. }) {
            open.push(waiting);
        }
        bytes.extend_from_slice(&wasm[from..operators.original_position()]);
        if matches!(operator, Operator::End)
            && let Some((waiting, result)) = open.pop()
            && !waiting.is_empty()
        {
            result.iter().for_each(|&result| Instruction::LocalSet(result).encode(&mut bytes));
            waiting
                .iter()
                .rev()
                .chain(&result)
                .for_each(|&local| Instruction::LocalGet(local).encode(&mut bytes));
        }
        validator.op(from, &operator)?;
    }
    if changed {
        let mut function = Function::new(locals);
        function.raw(bytes);
        code.function(&function);
    } else {
        code.raw(&wasm[body.range()]);
    }
    Ok(())
}
