//! Custom sections: names are adapted, what speaks of byte offsets in the code is left out, the rest is kept.

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{CustomSection, Encode, Module as Output, NameMap, NameSection};
use wasmparser::{CustomSectionReader, IndirectNameMap, KnownCustom, Name};

use crate::encode::Encoder;
use crate::error::Error;

pub(crate) fn section(
    encoder: &mut Encoder<'_>,
    output: &mut Output,
    section: &CustomSectionReader<'_>,
) -> Result<(), Error> {
    if let KnownCustom::Name(names) = section.as_known() {
        output.section(&name_section(encoder, names)?);
    } else if section.name() == "target_features" {
        let data = target_features(section.data(), encoder.types.has_added());
        output.section(&CustomSection { name: section.name().into(), data: data.into() });
    } else if !encoder.changes_code() || !speaks_of_offsets(section.name()) {
        output.section(&CustomSection { name: section.name().into(), data: section.data().into() });
    }
    Ok(())
}

/// Debugging information and hints for branches name places in the code, which have moved.
fn speaks_of_offsets(name: &str) -> bool {
    let prefixes = [".debug_", "reloc.", "metadata.code."];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
        || matches!(name, "sourceMappingURL" | "external_debug_info" | "linking")
}

/// The list of features: exceptions leave it; types of blocks with several values enter it if they are added.
fn target_features(data: &[u8], has_multivalue: bool) -> Vec<u8> {
    let Some(mut features) = read_features(data) else { return data.to_vec() };
    features.retain(|(_, name)| *name != "exception-handling");
    if has_multivalue && !features.iter().any(|(_, name)| *name == "multivalue") {
        features.push((b'+', "multivalue"));
    }
    let mut bytes = Vec::new();
    features.len().encode(&mut bytes);
    for (prefix, name) in features {
        bytes.push(prefix);
        name.encode(&mut bytes);
    }
    bytes
}

fn read_features(data: &[u8]) -> Option<Vec<(u8, &str)>> {
    let mut reader = wasmparser::BinaryReader::new(data, 0);
    let count = reader.read_var_u32().ok()?;
    let mut features = Vec::new();
    for _ in 0..count {
        features.push((reader.read_u8().ok()?, reader.read_string().ok()?));
    }
    Some(features)
}

fn name_section(
    encoder: &mut Encoder<'_>,
    names: wasmparser::NameSectionReader<'_>,
) -> Result<NameSection, Error> {
    let mut section = NameSection::new();
    let mut has_globals = false;
    for subsection in names {
        // Names are for people: what cannot be read is left out.
        let Ok(subsection) = subsection else { break };
        match subsection {
            Name::Function(map) => section.functions(&functions(encoder, map)?),
            Name::Local(map) => section.locals(&locals(encoder, map)?),
            Name::Label(map) => section.labels(&labels(encoder, map)?),
            Name::Global(map) => {
                has_globals = true;
                section.globals(&globals(encoder, Some(map))?);
            }
            Name::Tag(_) => {}
            other => encoder.parse_custom_name_subsection(&mut section, other)?,
        }
    }
    if !has_globals && encoder.payload().added_globals() > 0 {
        section.globals(&globals(encoder, None)?);
    }
    Ok(section)
}

fn functions(encoder: &Encoder<'_>, map: wasmparser::NameMap<'_>) -> Result<NameMap, Error> {
    let mut names = utils::name_map::<Error>(map, Ok)?;
    let first = encoder.context.module.facts.functions.len() as u32;
    for (position, function) in encoder.in_order().into_iter().enumerate() {
        let name = match encoder.context.module.facts.names.get(&function) {
            Some(name) => format!("{name}.uncaught_traps"),
            None => format!("{function}.uncaught_traps"),
        };
        names.append(first + position as u32, &name);
    }
    Ok(names)
}

fn globals(encoder: &Encoder<'_>, map: Option<wasmparser::NameMap<'_>>) -> Result<NameMap, Error> {
    let mut names = match map {
        Some(map) => utils::name_map::<Error>(map, Ok)?,
        None => NameMap::new(),
    };
    for (global, name) in encoder.payload().names() {
        names.append(global, &name);
    }
    Ok(names)
}

/// A local that became several gives its name to the first of them.
fn locals(encoder: &Encoder<'_>, map: IndirectNameMap<'_>) -> Result<wasm_encoder::IndirectNameMap, Error> {
    let mut all = wasm_encoder::IndirectNameMap::new();
    for naming in map {
        let naming = naming?;
        let rewritten = encoder.rewritten(naming.index);
        let names = utils::name_map::<Error>(naming.names, |local| {
            Ok(rewritten.and_then(|body| body.locals.get(local as usize)).copied().unwrap_or(local))
        })?;
        all.append(naming.index, &names);
    }
    Ok(all)
}

/// Labels are named by the position of their block, so only functions that are copied keep them.
fn labels(encoder: &Encoder<'_>, map: IndirectNameMap<'_>) -> Result<wasm_encoder::IndirectNameMap, Error> {
    let mut all = wasm_encoder::IndirectNameMap::new();
    for naming in map {
        let naming = naming?;
        if encoder.rewritten(naming.index).is_none() {
            all.append(naming.index, &utils::name_map::<Error>(naming.names, Ok)?);
        }
    }
    Ok(all)
}
