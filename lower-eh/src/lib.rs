//! Turns the exceptions of a WebAssembly module into plain control flow.
//!
//! In goes any core module that uses the final exception-handling proposal; out comes one that does the same and runs
//! on engines that know no exceptions: no tags, no `throw`, no `try_table`, no `exnref`.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let wasm = wat::parse_str("(module (tag $t) (func (export \"f\") (throw $t)))")?;
//! let (output, report) = lower_eh::lower(&wasm, &lower_eh::Options::default())?;
//! assert_eq!(report.throws, 1);
//! assert!(output.starts_with(b"\0asm"));
//! # Ok(())
//! # }
//! ```
//!
//! # How
//!
//! A global says whether an exception is on its way; others carry its payload. A throw sets them and leaves the
//! function as a return would. After each call that may throw stands a look at the global.
//!
//! ```text
//! (tag $t (param i32))              (global $unwinding (mut i32) (i32.const 0))   ;; 0, or tag + 1
//!                                   (global $payload.0 (mut i32) (i32.const 0))
//!
//! (func $check (param i32)          (func $check (param i32)
//!                                     block $unwind
//!   local.get 0                         local.get 0
//!   if                                  if
//!                                         i32.const 7
//!     i32.const 7                         global.set $payload.0
//!                                         i32.const 1
//!     throw $t                            global.set $unwinding
//!                                         br $unwind
//!   end)                                end
//!                                       return
//!                                     end)                     ;; here would follow default results
//!
//! block $caught (result i32)        block $caught (result i32)
//!   try_table (catch $t $caught)      block $exit
//!                                       block $landing
//!     local.get 0                         local.get 0
//!     call $check                         call $check
//!                                         global.get $unwinding
//!                                         br_if $landing
//!     call $more                          call $more           ;; cannot throw: no look
//!                                         br $exit
//!                                       end
//!                                       global.get $payload.0
//!                                       i32.const 0
//!                                       global.set $unwinding
//!                                       br $caught             ;; with several tags: after a compare
//!   end                               end
//!   i32.const 0                       i32.const 0
//! end                               end
//! ```
//!
//! - What may throw is found over the call graph, tag by tag; indirect calls by type and by whose address is taken.
//!   Imported functions are taken not to throw.
//! - `exnref` becomes a tuple of plain values: the tag, then every payload global. Where a tuple cannot stand, the
//!   module is refused.
//! - An exported function (or the start function) that may throw is exported through a wrapper which traps if an
//!   exception comes out, as an engine does when nobody catches.
//!
//! # Modules, in the order of their work
//!
//! - `module`: reads and validates the input
//! - `scan`, `tags`, `analysis`: what each function does about exceptions, and which tags may leave it
//! - `refusals`: what has no equivalent, as far as declarations show it
//! - `payload`, `types`, `locals`: the globals, types and locals that exceptions become
//! - `function`: rewrites a body, with `exceptions`, `exnref` and `switches` for groups of instructions
//! - `encode`, `custom`: write the output
//! - `error`: what is said if something cannot be done

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
    /// Rewrite each `br_table` with at most two ways besides its default as compares, if its labels take no values.
    pub compare_switches: bool,
}

/// What was found and done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Functions that the module defines.
    pub functions: usize,
    /// Those of them that an exception may leave.
    pub may_throw: usize,
    /// Calls after which the output looks whether something was thrown.
    pub call_sites: usize,
    /// `try_table`s lowered. Those in unreachable code are left out, here and below.
    pub try_tables: usize,
    /// `throw`s and `throw_ref`s lowered.
    pub throws: usize,
    /// Switches rewritten as compares.
    pub switches: usize,
}

/// Writes an equivalent of the binary module `wasm` that uses no exceptions.
///
/// # Errors
///
/// [`Error::Invalid`] if the input is not a valid core module; [`Error::Refused`] if it holds something without an
/// equivalent (the README lists what); [`Error::Defect`] if the output does not validate.
pub fn lower(wasm: &[u8], options: &Options) -> Result<(Vec<u8>, Report), Error> {
    let module = module::Module::read(wasm)?;
    let analysis = analysis::Analysis::of(&module)?;
    refusals::check(&module, &analysis)?;
    let payload = payload::Payload::new(&module, &analysis)?;
    let context = function::Context { module: &module, analysis: &analysis, payload: &payload, options };
    refusals::check_mixed_types(&context)?;
    let bodies = &module.facts.bodies;
    let mut report = Report {
        functions: bodies.len(),
        may_throw: bodies.iter().filter(|body| !analysis.escapes(body.function).is_empty()).count(),
        ..Report::default()
    };
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
