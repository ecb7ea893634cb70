//! Reads each function body once and notes what matters for exceptions: what is thrown, what is called, and inside
//! which `try_table`. Everything that cannot be lowered wherever it stands is refused here.

use wasmparser::{BlockType, Catch, HeapType, Operator, OperatorsReader, TryTable, ValType};

use crate::error::Error;
use crate::module::{Body, Module, is_exception_heap, is_exnref};
use crate::tags::TagSet;

/// What a function body does, in the order of its text.
pub(crate) struct Scan {
    pub events: Vec<Event>,
    /// What each `try_table` catches, in the order of the text.
    pub caught: Vec<TagSet>,
    /// Functions whose address the body takes.
    pub addresses: Vec<u32>,
    /// Instructions that put functions into tables or globals.
    pub writes: Vec<Write>,
    pub has_exnref: bool,
    pub has_switch: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Event {
    /// A `try_table` begins.
    Try,
    /// The body of the innermost `try_table` ends.
    End,
    Throw(u32),
    /// `throw_ref`, which may throw whatever was thrown anywhere.
    Rethrow,
    Call(Callee),
    /// A call that ends the function: a tail call, or one with a return right behind it and no `try_table` around.
    TailCall(Callee),
}

#[derive(Clone, Copy)]
pub(crate) enum Callee {
    Function(u32),
    /// Any function of this type whose address is taken.
    Type(u32),
}

/// A way by which a function's address gets to where the host may see it.
#[derive(Clone, Copy)]
pub(crate) struct Write {
    pub target: Target,
    pub instruction: &'static str,
    pub offset: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum Target {
    Table(u32),
    Global(u32),
}

impl Scan {
    pub fn of(module: &Module<'_>, body: &Body<'_>) -> Result<Self, Error> {
        let mut scanner = Scanner {
            module,
            function: body.function,
            scan: Scan::empty(),
            blocks: Vec::new(),
            after_call: false,
        };
        let mut has_exnref = false;
        for local in body.body.get_locals_reader()? {
            has_exnref |= is_exnref(local?.1);
        }
        scanner.scan.has_exnref = has_exnref;
        let mut operators = body.body.get_operators_reader()?;
        while !operators.eof() {
            scanner.step(&mut operators)?;
        }
        Ok(scanner.scan)
    }

    fn last_call_leaves(&mut self) {
        if let Some(last) = self.events.last_mut()
            && let Event::Call(callee) = *last
        {
            *last = Event::TailCall(callee);
        }
    }

    fn empty() -> Self {
        Scan {
            events: Vec::new(),
            caught: Vec::new(),
            addresses: Vec::new(),
            writes: Vec::new(),
            has_exnref: false,
            has_switch: false,
        }
    }
}

struct Scanner<'m> {
    module: &'m Module<'m>,
    function: u32,
    scan: Scan,
    /// For every open block whether it is a `try_table`.
    blocks: Vec<bool>,
    /// Whether the instruction before was a call.
    after_call: bool,
}

impl Scanner<'_> {
    fn step(&mut self, operators: &mut OperatorsReader<'_>) -> Result<(), Error> {
        let (operator, offset) = operators.read_with_offset()?;
        self.refuse(&operator, offset)?;
        if self.is_return(&operator) {
            self.scan.last_call_leaves();
        }
        self.after_call = false;
        match &operator {
            Operator::TryTable { try_table } => self.open_try(try_table),
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                self.scan.has_exnref |= matches!(blockty, BlockType::Type(ty) if is_exnref(*ty));
                self.blocks.push(false);
            }
            Operator::End => {
                if self.blocks.pop() == Some(true) {
                    self.scan.events.push(Event::End);
                }
            }
            Operator::Throw { tag_index } => self.scan.events.push(Event::Throw(*tag_index)),
            Operator::ThrowRef => {
                self.scan.has_exnref = true;
                self.scan.events.push(Event::Rethrow);
            }
            Operator::RefNull { hty } => self.scan.has_exnref |= is_exception_heap(*hty),
            Operator::RefFunc { function_index } => self.scan.addresses.push(*function_index),
            Operator::BrTable { .. } => self.scan.has_switch = true,
            other => {
                let call = call_of(other);
                self.after_call = call.is_some();
                self.scan.events.extend(call);
                self.scan.writes.extend(write_of(other, offset));
            }
        }
        Ok(())
    }

    /// Whether a call just before leaves the function, whatever it did: then the caller looks, and looking here
    /// would be for nothing.
    fn is_return(&self, operator: &Operator<'_>) -> bool {
        let leaves = match operator {
            Operator::Return => !self.blocks.contains(&true),
            Operator::End => self.blocks.is_empty(),
            _ => false,
        };
        self.after_call && leaves
    }

    fn open_try(&mut self, try_table: &TryTable) {
        let mut caught = TagSet::default();
        for catch in &try_table.catches {
            match catch {
                Catch::One { tag, .. } => caught.insert(*tag),
                Catch::OneRef { tag, .. } => caught.insert(*tag),
                Catch::All { .. } | Catch::AllRef { .. } => {
                    caught.extend(&TagSet::all(self.module.facts.tags.len()));
                }
            }
            self.scan.has_exnref |= matches!(catch, Catch::OneRef { .. } | Catch::AllRef { .. });
        }
        self.scan.has_exnref |= matches!(try_table.ty, BlockType::Type(ty) if is_exnref(ty));
        self.scan.caught.push(caught);
        self.scan.events.push(Event::Try);
        self.blocks.push(true);
    }

    fn refuse(&self, operator: &Operator<'_>, offset: usize) -> Result<(), Error> {
        let (reason, advice) = if is_legacy(operator) {
            (
                "this is the legacy exception proposal, which was replaced",
                "compile for the final proposal (clang: -mllvm -wasm-use-legacy-eh=false) or translate the module \
                 first (wasm-opt --translate-to-exnref)",
            )
        } else if is_stack_switching(operator) {
            ("stack switching uses tags, and tags are what is removed", "compile without stack switching")
        } else if casts_exception(operator) {
            ("an exception reference becomes plain values, which cannot be cast", "test it with ref.is_null")
        } else {
            return Ok(());
        };
        let place = self.module.describe(self.function);
        Err(Error::refused(place, instruction_name(operator), offset, reason, advice))
    }
}

fn call_of(operator: &Operator<'_>) -> Option<Event> {
    Some(match *operator {
        Operator::Call { function_index } => Event::Call(Callee::Function(function_index)),
        Operator::ReturnCall { function_index } => Event::TailCall(Callee::Function(function_index)),
        Operator::CallIndirect { type_index, .. } | Operator::CallRef { type_index } => {
            Event::Call(Callee::Type(type_index))
        }
        Operator::ReturnCallIndirect { type_index, .. } | Operator::ReturnCallRef { type_index } => {
            Event::TailCall(Callee::Type(type_index))
        }
        _ => return None,
    })
}

fn write_of(operator: &Operator<'_>, offset: usize) -> Option<Write> {
    let (target, instruction) = match *operator {
        Operator::TableSet { table } => (Target::Table(table), "table.set"),
        Operator::TableGrow { table } => (Target::Table(table), "table.grow"),
        Operator::TableFill { table } => (Target::Table(table), "table.fill"),
        Operator::TableInit { table, .. } => (Target::Table(table), "table.init"),
        Operator::TableCopy { dst_table, .. } => (Target::Table(dst_table), "table.copy"),
        Operator::GlobalSet { global_index } => (Target::Global(global_index), "global.set"),
        _ => return None,
    };
    Some(Write { target, instruction, offset })
}

fn is_legacy(operator: &Operator<'_>) -> bool {
    use Operator::{Catch, CatchAll, Delegate, Rethrow, Try};
    matches!(operator, Try { .. } | Catch { .. } | CatchAll | Delegate { .. } | Rethrow { .. })
}

fn is_stack_switching(operator: &Operator<'_>) -> bool {
    use Operator::{ContBind, ContNew, Resume, ResumeThrow, ResumeThrowRef, Suspend, Switch};
    matches!(
        operator,
        ContNew { .. }
            | ContBind { .. }
            | Suspend { .. }
            | Resume { .. }
            | ResumeThrow { .. }
            | ResumeThrowRef { .. }
            | Switch { .. }
    )
}

fn casts_exception(operator: &Operator<'_>) -> bool {
    let exception = |ty: &HeapType| is_exception_heap(*ty);
    match operator {
        Operator::RefTestNonNull { hty } | Operator::RefTestNullable { hty } => exception(hty),
        Operator::RefCastNonNull { hty } | Operator::RefCastNullable { hty } => exception(hty),
        Operator::BrOnCast { to_ref_type, .. } | Operator::BrOnCastFail { to_ref_type, .. } => {
            is_exnref(ValType::Ref(*to_ref_type))
        }
        _ => false,
    }
}

/// The name of an instruction in the text format, made from the parser's name of it.
pub(crate) fn instruction_name(operator: &Operator<'_>) -> String {
    let debug = format!("{operator:?}");
    let camel: String = debug.chars().take_while(char::is_ascii_alphanumeric).collect();
    match camel.as_str() {
        "RefTestNonNull" | "RefTestNullable" => return "ref.test".into(),
        "RefCastNonNull" | "RefCastNullable" => return "ref.cast".into(),
        _ => {}
    }
    let mut name = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    match name.split_once('_') {
        Some((group @ ("cont" | "table" | "ref" | "local" | "global"), rest)) => format!("{group}.{rest}"),
        _ => name,
    }
}
