mod analysis;
mod custom;
mod encode;
mod error;
mod exceptions;
mod exnref;
mod function;
mod locals;
mod module;
mod payload;
mod refusals;
mod scan;
mod switches;
mod tags;
mod types;

pub use error::{Error, Refusal};

/// What to do besides removing exceptions.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /** Rewrite two-way br_table as compares */
    pub compare_switches: bool,
}

/// What was found and done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub functions: usize,
    pub may_throw: usize,
    pub call_sites: usize,
    pub try_tables: usize,
    pub throws: usize,
    pub switches: usize,
}

/// Writes an equivalent module that uses no exceptions.
pub fn lower(wasm: &[u8], options: &Options) -> Result<(Vec<u8>, Report), Error> {
    let module = module::Module::read(wasm)?;
    let analysis = analysis::Analysis::of(&module)?;
    refusals::check(&module, &analysis)?;
    let payload = payload::Payload::new(&module, &analysis)?;
    let bodies = &module.facts.bodies;
    let mut report = Report {
        functions: bodies.len(),
        may_throw: bodies.iter().filter(|body| !analysis.escapes(body.function).is_empty()).count(),
        ..Report::default()
    };
    let context = function::Context { module: &module, analysis: &analysis, payload: &payload, options };
    refusals::check_mixed_types(&context)?;
    let output = encode::encode(&context, &mut report)?;
    validate(&output)?;
    Ok((output, report))
}

/// The last word on the output: it is valid for an engine that knows no exceptions.
fn validate(output: &[u8]) -> Result<(), Error> {
    use wasmparser::WasmFeatures;
    let features =
        WasmFeatures::all().difference(WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS));
    match wasmparser::Validator::new_with_features(features).validate_all(output) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::Defect { message: format!("the output is not valid: {error}") }),
    }
}
