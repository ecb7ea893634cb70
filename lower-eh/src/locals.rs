//! The locals of a function: an exception reference takes as many as it has parts, and some code needs a few more.

use wasmparser::ValType;

use crate::error::Error;
use crate::module::is_exnref;
use crate::payload::{Payload, encoded};

pub(crate) struct Locals {
    /// The types as the module has them.
    types: Vec<ValType>,
    /// For every local of the module its number (or the first of its numbers) in the output.
    starts: Vec<u32>,
    /// What the output declares besides the parameters.
    declared: Vec<(u32, wasm_encoder::ValType)>,
    next: u32,
    /// The first of the locals that hold one exception reference for a moment.
    tuple: Option<u32>,
    /// The local that holds the index of a switch.
    switch: Option<u32>,
}

impl Locals {
    pub fn new(params: &[ValType], payload: &Payload) -> Self {
        let mut locals = Locals {
            types: Vec::new(),
            starts: Vec::new(),
            declared: Vec::new(),
            next: 0,
            tuple: None,
            switch: None,
        };
        for ty in params {
            locals.place(*ty, payload);
        }
        locals
    }

    pub fn declare(&mut self, count: u32, ty: ValType, payload: &Payload) -> Result<(), Error> {
        for _ in 0..count {
            self.place(ty, payload);
        }
        if !is_exnref(ty) {
            self.declared.push((count, encoded(ty)?));
            return Ok(());
        }
        for _ in 0..count {
            self.declare_tuple(payload)?;
        }
        Ok(())
    }

    fn declare_tuple(&mut self, payload: &Payload) -> Result<(), Error> {
        for part in payload.tuple() {
            self.declared.push((1, encoded(part)?));
        }
        Ok(())
    }

    fn place(&mut self, ty: ValType, payload: &Payload) {
        self.types.push(ty);
        self.starts.push(self.next);
        self.next += if is_exnref(ty) { payload.width() } else { 1 };
    }

    pub fn is_exnref(&self, local: u32) -> bool {
        self.types.get(local as usize).is_some_and(|ty| is_exnref(*ty))
    }

    /// The number in the output; for an exception reference the first one.
    pub fn start(&self, local: u32) -> u32 {
        self.starts.get(local as usize).copied().unwrap_or(local)
    }

    /// All numbers in the output, for the name section.
    pub fn into_starts(self) -> Vec<u32> {
        self.starts
    }

    /// The first of the locals in which an exception reference is laid down while values under it are moved.
    pub fn tuple(&mut self, payload: &Payload) -> Result<u32, Error> {
        if let Some(first) = self.tuple {
            return Ok(first);
        }
        let first = self.next;
        self.declare_tuple(payload)?;
        self.next += payload.width();
        self.tuple = Some(first);
        Ok(first)
    }

    /// The local that holds the index of a switch while it is compared.
    pub fn switch(&mut self) -> u32 {
        *self.switch.get_or_insert_with(|| {
            self.declared.push((1, wasm_encoder::ValType::I32));
            self.next += 1;
            self.next - 1
        })
    }

    pub fn declared(&self) -> Vec<(u32, wasm_encoder::ValType)> {
        self.declared.clone()
    }
}
