//! Reads and validates a module: everything that the later steps ask about it.

use std::collections::BTreeMap;

use wasmparser::{
    ConstExpr, Export, FuncToValidate, FuncType, FunctionBody, GlobalType, HeapType, Import, Name, Operator,
    Parser, Payload, RefType, SubType, TableInit, TypeRef, ValType, ValidPayload, Validator,
    ValidatorResources, WasmFeatures, types::Types,
};

use crate::error::Error;

/// A valid module, taken apart.
pub(crate) struct Module<'a> {
    pub wasm: &'a [u8],
    /// What the sections say.
    pub facts: Facts<'a>,
    /// The validator's view: equal types have equal ids here.
    pub validated: Types,
}

/// What the sections of a module say.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    /// The type section as written: references inside are module indices, not canonical ids.
    pub types: Vec<SubType>,
    /// Type index of every function, imported ones first.
    pub functions: Vec<u32>,
    pub imported_functions: u32,
    pub bodies: Vec<Body<'a>>,
    /// Type index of every tag.
    pub tags: Vec<u32>,
    /// Where the tag section begins.
    pub tag_offset: usize,
    /// Imported ones first.
    pub tables: Vec<Table>,
    /// Imported ones first.
    pub globals: Vec<Global>,
    /// Each with its byte offset.
    pub imports: Vec<(Import<'a>, usize)>,
    /// Each with its byte offset.
    pub exports: Vec<(Export<'a>, usize)>,
    pub start: Option<u32>,
    pub segments: Vec<Segment>,
    /// Names of functions, from the name section.
    pub names: BTreeMap<u32, &'a str>,
    /// Names of the custom sections, each with its byte offset.
    pub customs: Vec<(&'a str, usize)>,
}

pub(crate) struct Body<'a> {
    pub function: u32,
    pub body: FunctionBody<'a>,
    pub resources: ValidatorResources,
}

pub(crate) struct Global {
    pub ty: GlobalType,
    pub imported: bool,
    /// Functions whose address the initial value holds.
    pub functions: Vec<u32>,
    pub offset: usize,
}

pub(crate) struct Table {
    pub element: RefType,
    pub imported: bool,
    /// Functions whose address the initial value holds.
    pub functions: Vec<u32>,
    pub offset: usize,
}

/// An element segment.
pub(crate) struct Segment {
    /// The table an active segment fills.
    pub table: Option<u32>,
    /// A declared segment only permits `ref.func`; it takes no address by itself.
    pub declared: bool,
    pub functions: Vec<u32>,
    pub element: RefType,
    pub offset: usize,
}

impl<'a> Module<'a> {
    pub fn read(wasm: &'a [u8]) -> Result<Self, Error> {
        if Parser::is_component(wasm) {
            let message = "this is a component; lower the core modules that it is made of".into();
            return Err(Error::Invalid { offset: 0, message });
        }
        // Everything the parser knows, so that what is refused is refused by name and not as "unknown".
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut facts = Facts::default();
        let mut validated = None;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            match validator.payload(&payload)? {
                ValidPayload::Func(function, body) => facts.body(function, body)?,
                ValidPayload::End(types) => validated = Some(types),
                _ => facts.section(payload)?,
            }
        }
        let Some(validated) = validated else {
            return Err(Error::Invalid { offset: wasm.len(), message: "the module has no end".into() });
        };
        Ok(Module { wasm, facts, validated })
    }

    /// Parameters and results of a function type, as written in the type section.
    pub fn signature(&self, type_index: u32) -> Option<&FuncType> {
        match &self.facts.types.get(type_index as usize)?.composite_type.inner {
            wasmparser::CompositeInnerType::Func(signature) => Some(signature),
            _ => None,
        }
    }

    pub fn function_signature(&self, function: u32) -> Option<&FuncType> {
        self.signature(*self.facts.functions.get(function as usize)?)
    }

    /// The types of the values that a tag carries.
    pub fn payload(&self, tag: u32) -> &[ValType] {
        let signature = self.facts.tags.get(tag as usize).and_then(|ty| self.signature(*ty));
        signature.map_or(&[], |signature| signature.params())
    }

    /// How a function is called in messages.
    pub fn describe(&self, function: u32) -> String {
        match self.facts.names.get(&function) {
            Some(name) => format!("function {function} \"{name}\""),
            None => format!("function {function}"),
        }
    }
}

/// Whether a type is a reference to an exception.
pub(crate) fn is_exnref(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(reference) if is_exception_heap(reference.heap_type()))
}

pub(crate) fn is_exception_heap(ty: HeapType) -> bool {
    use wasmparser::AbstractHeapType::{Exn, NoExn};
    matches!(ty, HeapType::Abstract { ty: Exn | NoExn, .. })
}

impl<'a> Facts<'a> {
    fn body(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: FunctionBody<'a>,
    ) -> Result<(), Error> {
        let (index, resources) = (function.index, function.resources.clone());
        function.into_validator(Default::default()).validate(&body)?;
        self.bodies.push(Body { function: index, body, resources });
        Ok(())
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    self.types.extend(group?.into_types());
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports_with_offsets() {
                    let (offset, import) = import?;
                    self.import(import, offset);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section.into_iter_with_offsets() {
                    let (offset, table) = table?;
                    self.table(&table, offset)?;
                }
            }
            Payload::TagSection(section) => {
                self.tag_offset = section.range().start;
                for tag in section {
                    self.tags.push(tag?.func_type_idx);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section.into_iter_with_offsets() {
                    let (offset, global) = global?;
                    let functions = functions_of(&global.init_expr)?;
                    self.globals.push(Global { ty: global.ty, imported: false, functions, offset });
                }
            }
            Payload::ExportSection(section) => {
                for export in section.into_iter_with_offsets() {
                    let (offset, export) = export?;
                    self.exports.push((export, offset));
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                for segment in section.into_iter_with_offsets() {
                    let (offset, segment) = segment?;
                    self.segment(segment, offset)?;
                }
            }
            Payload::CustomSection(section) => self.custom(&section),
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: Import<'a>, offset: usize) {
        let functions = Vec::new();
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.functions.push(ty);
                self.imported_functions += 1;
            }
            TypeRef::Table(table) => {
                self.tables.push(Table { element: table.element_type, imported: true, functions, offset });
            }
            TypeRef::Global(ty) => self.globals.push(Global { ty, imported: true, functions, offset }),
            TypeRef::Tag(tag) => self.tags.push(tag.func_type_idx),
            TypeRef::Memory(_) => {}
        }
        self.imports.push((import, offset));
    }

    fn table(&mut self, table: &wasmparser::Table<'a>, offset: usize) -> Result<(), Error> {
        let functions = match &table.init {
            TableInit::RefNull => Vec::new(),
            TableInit::Expr(value) => functions_of(value)?,
        };
        self.tables.push(Table { element: table.ty.element_type, imported: false, functions, offset });
        Ok(())
    }

    fn segment(&mut self, segment: wasmparser::Element<'a>, offset: usize) -> Result<(), Error> {
        use wasmparser::{ElementItems, ElementKind};
        let mut functions = Vec::new();
        let mut element = RefType::FUNCREF;
        match segment.items {
            ElementItems::Functions(items) => {
                for function in items {
                    functions.push(function?);
                }
            }
            ElementItems::Expressions(ty, items) => {
                element = ty;
                for value in items {
                    functions.extend(functions_of(&value?)?);
                }
            }
        }
        let (table, declared) = match segment.kind {
            ElementKind::Active { table_index, .. } => (Some(table_index.unwrap_or(0)), false),
            ElementKind::Passive => (None, false),
            ElementKind::Declared => (None, true),
        };
        self.segments.push(Segment { table, declared, functions, element, offset });
        Ok(())
    }

    /// A damaged name section is no error: names are for people.
    fn custom(&mut self, section: &wasmparser::CustomSectionReader<'a>) {
        self.customs.push((section.name(), section.range().start));
        let wasmparser::KnownCustom::Name(names) = section.as_known() else { return };
        for subsection in names {
            let Ok(Name::Function(map)) = subsection else { continue };
            for naming in map.into_iter().map_while(Result::ok) {
                self.names.insert(naming.index, naming.name);
            }
        }
    }
}

/// The functions whose address a constant expression takes.
fn functions_of(value: &ConstExpr<'_>) -> Result<Vec<u32>, Error> {
    let mut functions = Vec::new();
    for operator in value.get_operators_reader() {
        if let Operator::RefFunc { function_index } = operator? {
            functions.push(function_index);
        }
    }
    Ok(functions)
}
