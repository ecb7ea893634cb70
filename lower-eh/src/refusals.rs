//! What has no equivalent without exceptions, as far as the declarations of a module show it.

use std::collections::BTreeSet;

use wasmparser::{
    CompositeInnerType, ExternalKind, FieldType, FuncType, HeapType, Operator, StorageType, TypeRef, ValType,
};

use crate::analysis::Analysis;
use crate::error::Error;
use crate::function::Context;
use crate::module::{Module, is_exnref};
use crate::scan::{Target, instruction_name};
use crate::types::has_exnref;

const HOST_SEES_EXNREF: &str =
    "an exception reference becomes several plain values, which the host would have to know";
const HOST_CALLS: &str =
    "the host could call it there, and would take the return after a throw for an ordinary one";

pub(crate) fn check(module: &Module<'_>, analysis: &Analysis) -> Result<(), Error> {
    check_customs(module)?;
    check_imports(module)?;
    check_exports(module)?;
    check_types(module)?;
    check_tables(module)?;
    check_visible_tables(module, analysis)?;
    check_visible_globals(module, analysis)?;
    check_writes(module, analysis)
}

fn check_customs(module: &Module<'_>) -> Result<(), Error> {
    match module.facts.customs.iter().find(|(name, _)| *name == "linking") {
        None => Ok(()),
        Some((_, offset)) => Err(Error::refused(
            "the module",
            "custom section \"linking\"",
            *offset,
            "this is an object file, in which functions call what is not there yet",
            "link it first",
        )),
    }
}

fn check_imports(module: &Module<'_>) -> Result<(), Error> {
    let mut functions = 0;
    for (import, offset) in &module.facts.imports {
        let quoted = format!("(import \"{}\" \"{}\")", import.module, import.name);
        let (place, reason, advice) = match import.ty {
            TypeRef::Tag(_) => (
                "imported tag".to_string(),
                "what other modules throw cannot be seen from here",
                "link the modules into one, or define the tag",
            ),
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                functions += 1;
                if !module.signature(ty).is_some_and(has_exnref) {
                    continue;
                }
                let place = module.describe(functions - 1);
                (place, HOST_SEES_EXNREF, "pass the payload instead of the exception")
            }
            TypeRef::Global(ty) if is_exnref(ty.content_type) => {
                ("imported global".to_string(), HOST_SEES_EXNREF, "define the global in the module")
            }
            _ => continue,
        };
        return Err(Error::refused(place, quoted, *offset, reason, advice));
    }
    Ok(())
}

fn check_exports(module: &Module<'_>) -> Result<(), Error> {
    for (export, offset) in &module.facts.exports {
        let (place, reason, advice) = match export.kind {
            ExternalKind::Tag => (
                format!("tag {}", export.index),
                "what other modules throw cannot be seen from here",
                "do not export it",
            ),
            ExternalKind::Func | ExternalKind::FuncExact
                if module.function_signature(export.index).is_some_and(has_exnref) =>
            {
                let place = module.describe(export.index);
                (place, HOST_SEES_EXNREF, "pass the payload instead of the exception")
            }
            ExternalKind::Global
                if module
                    .facts
                    .globals
                    .get(export.index as usize)
                    .is_some_and(|global| is_exnref(global.ty.content_type)) =>
            {
                (format!("global {}", export.index), HOST_SEES_EXNREF, "do not export it")
            }
            _ => continue,
        };
        let quoted = format!("(export \"{}\")", export.name);
        return Err(Error::refused(place, quoted, *offset, reason, advice));
    }
    Ok(())
}

fn check_types(module: &Module<'_>) -> Result<(), Error> {
    let in_field = |field: &FieldType| matches!(field.element_type, StorageType::Val(ty) if is_exnref(ty));
    for (index, ty) in module.facts.types.iter().enumerate() {
        let quoted = match &ty.composite_type.inner {
            CompositeInnerType::Array(array) if in_field(&array.0) => "(array exnref)",
            CompositeInnerType::Struct(fields) if fields.fields.iter().any(in_field) => "(field exnref)",
            CompositeInnerType::Cont(_) => "(cont)",
            _ => continue,
        };
        let (reason, advice) = match quoted {
            "(cont)" => ("stack switching uses tags, and tags are what is removed", "compile without it"),
            _ => (
                "an exception reference becomes several plain values, and one element holds one",
                "keep the exception in a local or a global",
            ),
        };
        return Err(Error::refused(format!("type {index}"), quoted, 0, reason, advice));
    }
    Ok(())
}

fn check_tables(module: &Module<'_>) -> Result<(), Error> {
    let tables = module.facts.tables.iter().map(|table| ("table", table.element, table.offset));
    let segments =
        module.facts.segments.iter().map(|segment| ("element segment", segment.element, segment.offset));
    for (place, element, offset) in tables.chain(segments) {
        if is_exnref(ValType::Ref(element)) {
            return Err(Error::refused(
                format!("a {place}"),
                element.to_string(),
                offset,
                "an exception reference becomes several plain values, and one element holds one",
                "keep the exception in a local or a global",
            ));
        }
    }
    Ok(())
}

/// What the host can reach: the indices of imported and exported tables or globals.
fn visible(module: &Module<'_>, kind: ExternalKind, imported: impl Iterator<Item = bool>) -> BTreeSet<u32> {
    let exported = module.facts.exports.iter().filter(|(export, _)| export.kind == kind);
    let mut visible: BTreeSet<u32> = exported.map(|(export, _)| export.index).collect();
    visible.extend(imported.enumerate().filter(|(_, imported)| *imported).map(|(index, _)| index as u32));
    visible
}

fn visible_tables(module: &Module<'_>) -> BTreeSet<u32> {
    visible(module, ExternalKind::Table, module.facts.tables.iter().map(|table| table.imported))
}

fn visible_globals(module: &Module<'_>) -> BTreeSet<u32> {
    visible(module, ExternalKind::Global, module.facts.globals.iter().map(|global| global.imported))
}

fn throwing<'f>(analysis: &Analysis, mut functions: impl Iterator<Item = &'f u32>) -> Option<u32> {
    functions.find(|function| !analysis.escapes(**function).is_empty()).copied()
}

fn check_visible_tables(module: &Module<'_>, analysis: &Analysis) -> Result<(), Error> {
    for index in visible_tables(module) {
        let Some(table) = module.facts.tables.get(index as usize) else { continue };
        let segments = module.facts.segments.iter().filter(|segment| segment.table == Some(index));
        let mut held = vec![(&table.functions, table.offset)];
        held.extend(segments.map(|segment| (&segment.functions, segment.offset)));
        for (functions, offset) in held {
            if let Some(function) = throwing(analysis, functions.iter()) {
                return Err(Error::refused(
                    module.describe(function),
                    format!("(elem (table {index}))"),
                    offset,
                    format!("the function may throw and is in a table that the host sees; {HOST_CALLS}"),
                    "do not export or import the table (wasm-ld: leave out --export-table), or catch in the function",
                ));
            }
        }
    }
    Ok(())
}

fn check_visible_globals(module: &Module<'_>, analysis: &Analysis) -> Result<(), Error> {
    for index in visible_globals(module) {
        let Some(global) = module.facts.globals.get(index as usize) else { continue };
        if let Some(function) = throwing(analysis, global.functions.iter()) {
            return Err(Error::refused(
                module.describe(function),
                format!("(global {index})"),
                global.offset,
                format!("the function may throw and is in a global that the host sees; {HOST_CALLS}"),
                "do not export the global, or catch in the function",
            ));
        }
    }
    Ok(())
}

/// Code that writes to tables and globals the host sees could put a function there that may throw.
fn check_writes(module: &Module<'_>, analysis: &Analysis) -> Result<(), Error> {
    let Some(throwing) = throwing(analysis, analysis.addressed.iter()) else { return Ok(()) };
    let (tables, globals) = (visible_tables(module), visible_globals(module));
    let is_function = |ty: ValType| may_be_function(module, ty);
    for (body, facts) in module.facts.bodies.iter().zip(&analysis.bodies) {
        for write in &facts.scan.writes {
            let exposed = match write.target {
                Target::Table(table) => {
                    let element = module.facts.tables.get(table as usize).map(|table| table.element);
                    tables.contains(&table) && element.is_some_and(|ty| is_function(ValType::Ref(ty)))
                }
                Target::Global(global) => {
                    let ty = module.facts.globals.get(global as usize).map(|global| global.ty.content_type);
                    globals.contains(&global) && ty.is_some_and(is_function)
                }
            };
            if exposed {
                return Err(Error::refused(
                    module.describe(body.function),
                    write.instruction,
                    write.offset,
                    format!(
                        "this may put {}, which may throw, where the host sees it; {HOST_CALLS}",
                        module.describe(throwing)
                    ),
                    "do not export or import the table or global, or catch in the function",
                ));
            }
        }
    }
    Ok(())
}

fn may_be_function(module: &Module<'_>, ty: ValType) -> bool {
    use wasmparser::AbstractHeapType::Func;
    let ValType::Ref(reference) = ty else { return false };
    match reference.heap_type() {
        HeapType::Abstract { ty, .. } => ty == Func,
        HeapType::Concrete(index) | HeapType::Exact(index) => {
            index.as_module_index().is_none_or(|ty| module.signature(ty).is_some())
        }
    }
}

/// Two types that differ only in exception references become equal; an indirect call or a cast that had to tell them
/// apart would then succeed.
pub(crate) fn check_mixed_types(context: &Context<'_>) -> Result<(), Error> {
    if !context.analysis.has_exnref {
        return Ok(());
    }
    for body in &context.module.facts.bodies {
        let mut operators = body.body.get_operators_reader()?;
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            let Some(asked) = type_asked_for(&operator) else { continue };
            if let Some(function) = mistaken(context, asked) {
                let mistaken = context.module.describe(function);
                return Err(Error::refused(
                    context.module.describe(body.function),
                    instruction_name(&operator),
                    offset,
                    format!(
                        "with exception references as plain values {mistaken} gets the type that is asked for here, \
                         and must not have it"
                    ),
                    "give one of the two types another parameter",
                ));
            }
        }
    }
    Ok(())
}

/// The function type that an instruction compares with that of a function at run time.
fn type_asked_for(operator: &Operator<'_>) -> Option<u32> {
    let heap = match operator {
        Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
            return Some(*type_index);
        }
        Operator::RefTestNonNull { hty } | Operator::RefTestNullable { hty } => *hty,
        Operator::RefCastNonNull { hty } | Operator::RefCastNullable { hty } => *hty,
        Operator::BrOnCast { to_ref_type, .. } | Operator::BrOnCastFail { to_ref_type, .. } => {
            to_ref_type.heap_type()
        }
        _ => return None,
    };
    match heap {
        HeapType::Concrete(index) | HeapType::Exact(index) => index.as_module_index(),
        HeapType::Abstract { .. } => None,
    }
}

/// A function that is not of the type, but whose type looks like it once exception references are flat.
fn mistaken(context: &Context<'_>, asked: u32) -> Option<u32> {
    let (module, validated) = (context.module, context.module.validated.as_ref());
    let signature = module.signature(asked)?;
    let flat = |signature: &FuncType| {
        (context.payload.flatten(signature.params()), context.payload.flatten(signature.results()))
    };
    let wanted = validated.core_type_at_in_module(asked);
    let is_wanted = |function: u32| {
        let own = validated.core_function_at(function);
        std::iter::successors(Some(own), |ty| validated.supertype_of(*ty)).any(|ty| ty == wanted)
    };
    context.analysis.addressed.iter().copied().find(|function| {
        module.function_signature(*function).is_some_and(|other| {
            (has_exnref(signature) || has_exnref(other))
                && !is_wanted(*function)
                && flat(other) == flat(signature)
        })
    })
}
