//! Where an exception is kept while it travels, and what a reference to one becomes.
//!
//! ```text
//! (global $unwinding (mut i32))     0: nothing is thrown; else the index of the tag, plus one
//! (global $payload.0 (mut i32))     the slots: what a tag carries goes into the first slots of fitting
//! (global $payload.1 (mut f64))     types, so that all tags share them
//! ```
//!
//! `exnref` becomes a tuple of plain values: the value of `$unwinding` (0 for null), then every slot.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ConstExpr, GlobalSection, GlobalType, HeapType, Instruction};
use wasmparser::{RefType, ValType};

use crate::analysis::Analysis;
use crate::error::Error;
use crate::module::{Module, is_exnref};

/// The numbers and types of the globals this tool adds, all of them after those of the module.
pub(crate) struct Payload {
    /// The global `$unwinding`.
    pub unwinding: u32,
    slots: Vec<ValType>,
    /// For every tag where its values are kept.
    tags: Vec<Vec<Place>>,
    /// For every global of type `exnref` (by its index) the first of the globals that hold its slots; the global
    /// itself holds the tag.
    parts: Vec<Option<u32>>,
    /// Whether anything throws; if not, no global is needed to say so.
    throws: bool,
}

/// Where one value of a tag is kept.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub global: u32,
    /// Slots are nullable, for they need an initial value; the reader must restore the type.
    pub non_null: bool,
}

impl Payload {
    pub fn new(module: &Module<'_>, analysis: &Analysis) -> Result<Self, Error> {
        let unwinding = module.facts.globals.len() as u32;
        let mut payload = Payload {
            unwinding,
            slots: Vec::new(),
            tags: Vec::new(),
            parts: Vec::new(),
            throws: analysis.throws,
        };
        for tag in 0..module.facts.tags.len() as u32 {
            if module.payload(tag).iter().any(|ty| is_exnref(*ty)) {
                return Err(Error::refused(
                    format!("tag {tag}"),
                    "(tag (param exnref))",
                    module.facts.tag_offset,
                    "an exception that carries an exception has no fixed size",
                    "carry a number instead, and keep the exception in a local or a global",
                ));
            }
            let places = payload.places(module.payload(tag));
            payload.tags.push(places);
        }
        let mut next = unwinding + if payload.throws { 1 + payload.slots.len() as u32 } else { 0 };
        for global in &module.facts.globals {
            let split = is_exnref(global.ty.content_type);
            payload.parts.push(split.then_some(next));
            next += if split { payload.slots.len() as u32 } else { 0 };
        }
        Ok(payload)
    }

    /// Finds a slot for each value: the first of its type that this tag does not use yet.
    fn places(&mut self, values: &[ValType]) -> Vec<Place> {
        let mut used = vec![false; self.slots.len()];
        let mut places = Vec::new();
        for value in values {
            let ty = nullable(*value);
            let free = (0..self.slots.len()).find(|slot| self.slots[*slot] == ty && !used[*slot]);
            let slot = free.unwrap_or_else(|| {
                self.slots.push(ty);
                used.push(false);
                self.slots.len() - 1
            });
            used[slot] = true;
            places.push(Place { global: self.slot_global(slot), non_null: ty != *value });
        }
        places
    }

    fn slot_global(&self, slot: usize) -> u32 {
        self.unwinding + 1 + slot as u32
    }

    pub fn places_of(&self, tag: u32) -> &[Place] {
        &self.tags[tag as usize]
    }

    /// The globals that hold the slots, in order.
    pub fn slot_globals(&self) -> std::ops::Range<u32> {
        self.slot_global(0)..self.slot_global(self.slots.len())
    }

    /// How many values an exception reference becomes.
    pub fn width(&self) -> u32 {
        1 + self.slots.len() as u32
    }

    /// The types that an exception reference becomes.
    pub fn tuple(&self) -> impl Iterator<Item = ValType> + '_ {
        std::iter::once(ValType::I32).chain(self.slots.iter().copied())
    }

    /// Replaces every exception reference among types by what it becomes.
    pub fn flatten(&self, types: &[ValType]) -> Vec<ValType> {
        let mut flat = Vec::with_capacity(types.len());
        for ty in types {
            match is_exnref(*ty) {
                true => flat.extend(self.tuple()),
                false => flat.push(*ty),
            }
        }
        flat
    }

    /// The globals that hold an exception reference in place of this one, in order of the tuple.
    pub fn parts_of(&self, global: u32) -> Option<Vec<u32>> {
        let first = (*self.parts.get(global as usize)?)?;
        Some(std::iter::once(global).chain(first..first + self.slots.len() as u32).collect())
    }

    /// Adds the globals of this tool after those of the module.
    pub fn encode(&self, globals: &mut GlobalSection) -> Result<(), Error> {
        if self.throws {
            for ty in self.tuple() {
                add_global(globals, ty)?;
            }
        }
        for _ in self.parts.iter().flatten() {
            for ty in &self.slots {
                add_global(globals, *ty)?;
            }
        }
        Ok(())
    }

    /// How many globals [`Payload::encode`] adds.
    pub fn added_globals(&self) -> u32 {
        let state = if self.throws { self.width() } else { 0 };
        state + self.parts.iter().flatten().count() as u32 * self.slots.len() as u32
    }

    /// The names of the first globals added.
    pub fn names(&self) -> Vec<(u32, String)> {
        if !self.throws {
            return Vec::new();
        }
        let slots = self.slot_globals().enumerate().map(|(slot, global)| (global, format!("payload.{slot}")));
        std::iter::once((self.unwinding, "unwinding".to_string())).chain(slots).collect()
    }
}

fn nullable(ty: ValType) -> ValType {
    match ty {
        ValType::Ref(reference) => {
            ValType::Ref(RefType::new(true, reference.heap_type()).unwrap_or(reference))
        }
        other => other,
    }
}

fn add_global(globals: &mut GlobalSection, ty: ValType) -> Result<(), Error> {
    let Some(value) = default_value(ty)? else {
        return Err(Error::Defect { message: format!("the slot type {ty} has no default value") });
    };
    let ty = GlobalType { val_type: encoded(ty)?, mutable: true, shared: false };
    globals.global(ty, &ConstExpr::extended([value]));
    Ok(())
}

/// The instruction that makes the zero or null of a type, if it has one.
pub(crate) fn default_value(ty: ValType) -> Result<Option<Instruction<'static>>, Error> {
    Ok(Some(match ty {
        ValType::I32 => Instruction::I32Const(0),
        ValType::I64 => Instruction::I64Const(0),
        ValType::F32 => Instruction::F32Const(0.0.into()),
        ValType::F64 => Instruction::F64Const(0.0.into()),
        ValType::V128 => Instruction::V128Const(0),
        ValType::Ref(reference) if !reference.is_nullable() => return Ok(None),
        ValType::Ref(reference) => Instruction::RefNull(encoded_heap(reference.heap_type())?),
    }))
}

/// A type of the parser as a type of the encoder.
pub(crate) fn encoded(ty: ValType) -> Result<wasm_encoder::ValType, Error> {
    RoundtripReencoder.val_type(ty).map_err(|error| Error::Defect { message: error.to_string() })
}

fn encoded_heap(ty: wasmparser::HeapType) -> Result<HeapType, Error> {
    RoundtripReencoder.heap_type(ty).map_err(|error| Error::Defect { message: error.to_string() })
}
