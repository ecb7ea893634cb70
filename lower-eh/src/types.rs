//! The type section: function types without exception references, and the types that the added code needs.

use wasm_encoder::{BlockType, TypeSection};
use wasmparser::{SubType, ValType};

use crate::error::Error;
use crate::module::{Module, is_exnref};
use crate::payload::{Payload, encoded};

/// Function types by parameters and results; asks for one add it if the module has none such.
pub(crate) struct Types {
    known: Vec<(Signature, u32)>,
    added: Vec<Signature>,
    /// How many the module has.
    own: u32,
}

type Signature = (Vec<ValType>, Vec<ValType>);

impl Types {
    pub fn new(module: &Module<'_>, payload: &Payload) -> Self {
        let mut known: Vec<(Signature, u32)> = Vec::new();
        for (index, ty) in module.facts.types.iter().enumerate() {
            let index = index as u32;
            let Some(signature) = module.signature(index).filter(|_| is_plain(ty)) else { continue };
            let flat = (payload.flatten(signature.params()), payload.flatten(signature.results()));
            known.push((flat, index));
        }
        Types { known, added: Vec::new(), own: module.facts.types.len() as u32 }
    }

    /// A block type for values that are already flat.
    pub fn block(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> Result<BlockType, Error> {
        match (params.as_slice(), results.as_slice()) {
            ([], []) => Ok(BlockType::Empty),
            ([], [result]) => Ok(BlockType::Result(encoded(*result)?)),
            _ => Ok(BlockType::FunctionType(self.index((params, results)))),
        }
    }

    fn index(&mut self, signature: Signature) -> u32 {
        if let Some((_, index)) = self.known.iter().find(|(known, _)| *known == signature) {
            return *index;
        }
        let index = self.own + self.added.len() as u32;
        self.added.push(signature.clone());
        self.known.push((signature, index));
        index
    }

    pub fn has_added(&self) -> bool {
        !self.added.is_empty()
    }

    /// Adds the types after those of the module.
    pub fn encode(&self, section: &mut TypeSection) -> Result<(), Error> {
        for (params, results) in &self.added {
            let params: Vec<_> = params.iter().map(|ty| encoded(*ty)).collect::<Result<_, _>>()?;
            let results: Vec<_> = results.iter().map(|ty| encoded(*ty)).collect::<Result<_, _>>()?;
            section.ty().function(params, results);
        }
        Ok(())
    }
}

/// A type that stands for nothing but its parameters and results.
fn is_plain(ty: &SubType) -> bool {
    ty.is_final && ty.supertype_idx.is_none() && !ty.composite_type.shared
}

/// Whether a signature holds an exception reference.
pub(crate) fn has_exnref(signature: &wasmparser::FuncType) -> bool {
    signature.params().iter().chain(signature.results()).any(|ty| is_exnref(*ty))
}
