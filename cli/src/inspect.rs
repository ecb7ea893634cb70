//! What is in a module, a snapshot or a precompiled chunk.

use std::fs;

use anyhow::{Context, Result, bail};
use moonlet::engine::{Engine, Export, Instance, Runtime, Trap};
use moonlet::{Task, TaskKind, Value, Variadic, numbers::option};
use serde_json::{Map, json};
use wasmparser::{Parser, Payload};

use crate::options::{InspectOptions, Limits, LuaVersion, World};
use crate::quantity::grouped;
use crate::session::builder;
use crate::snapshot::Header;
use crate::{output, value};

/// What is told of a file.
type Facts = Map<String, serde_json::Value>;

/// Tells what is in a file; the status.
pub fn run(options: &InspectOptions) -> Result<i32> {
    let path = options.file.display();
    let bytes = fs::read(&options.file).with_context(|| format!("cannot open {path}"))?;
    let facts = facts(&bytes).with_context(|| format!("cannot inspect {path}"))?;
    let text = if options.json { serde_json::to_string_pretty(&facts)? + "\n" } else { shown(&facts) };
    output::print(text)?;
    Ok(0)
}

fn facts(bytes: &[u8]) -> Result<Facts> {
    let mut facts = if Header::begins(bytes) {
        snapshot(bytes)?
    } else if bytes.starts_with(b"\0asm") {
        module(bytes)?
    } else if let Some(rest) = bytes.strip_prefix(b"\x1bLua") {
        chunk(rest)?
    } else {
        bail!("it is neither a module of Moonlet nor a snapshot nor a precompiled chunk");
    };
    facts.insert("bytes".into(), bytes.len().into());
    Ok(facts)
}

fn chunk(rest: &[u8]) -> Result<Facts> {
    let Some(version) = rest.first() else { bail!("the precompiled chunk is cut short") };
    let mut facts = Facts::new();
    facts.insert("kind".into(), "precompiled chunk".into());
    facts.insert("Lua".into(), format!("{}.{}", version >> 4, version & 15).into());
    Ok(facts)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A version as people write it, from 504 or 505.
fn dotted(lua: u32) -> String {
    format!("{}.{}", lua / 100, lua % 100)
}

fn module(bytes: &[u8]) -> Result<Facts> {
    let mut facts = Facts::new();
    facts.insert("kind".into(), "module".into());
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.context("it is no whole WebAssembly module")? {
            Payload::ImportSection(section) => _ = facts.insert("imports".into(), section.count().into()),
            Payload::ExportSection(section) => _ = facts.insert("exports".into(), section.count().into()),
            Payload::FunctionSection(section) => _ = facts.insert("functions".into(), section.count().into()),
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory.context("it is no whole WebAssembly module")?;
                    facts.insert("pages at first".into(), memory.initial.into());
                    facts.insert("pages at most".into(), memory.maximum.into());
                }
            }
            _ => {}
        }
    }
    facts.entry("imports").or_insert(0.into());
    let engine = Engine::builder().module(bytes).runtime(Runtime::Wasmi).build()?;
    let mut instance = engine.instantiate()?;
    let asked = |error: Trap| anyhow::anyhow!("the module does not answer: {}", error.0);
    let abi = instance.call(Export::AbiVersion, [0; 4]).map_err(asked)?;
    let lua = instance.get(option::LUA_VERSION_NUM).map_err(asked)? as u32;
    facts.insert("Lua".into(), dotted(lua).into());
    facts.insert("ABI".into(), format!("{}.{}", abi >> 16, abi & 0xffff).into());
    facts.insert("build".into(), hexadecimal(&build(&mut *instance)?).into());
    Ok(facts)
}

fn build(instance: &mut dyn Instance) -> Result<[u8; 32]> {
    let mut id = [0; 32];
    match instance.call(Export::BuildIdPtr, [0; 4]) {
        Ok(at) if instance.read(at.cast_unsigned(), &mut id) => Ok(id),
        _ => bail!("the module does not tell its build"),
    }
}

fn snapshot(bytes: &[u8]) -> Result<Facts> {
    let header = Header::read(bytes)?;
    let mut facts = Facts::new();
    facts.insert("kind".into(), "snapshot".into());
    facts.insert("Lua".into(), dotted(header.lua).into());
    facts.insert("form".into(), header.form.into());
    facts.insert("build".into(), hexadecimal(&header.build).into());
    facts.insert("pages".into(), header.pages.into());
    facts.insert("pages stored".into(), header.stored.into());
    let version = match header.version() {
        Ok(version) => version,
        Err(error) => {
            facts.insert("cannot be restored".into(), error.to_string().into());
            return Ok(facts);
        }
    };
    match inside(bytes, version) {
        Ok(inside) => facts.extend(inside),
        Err(error) => _ = facts.insert("cannot be restored".into(), format!("{error:#}").into()),
    }
    Ok(facts)
}

/// What the state itself tells.
fn inside(bytes: &[u8], version: LuaVersion) -> Result<Facts> {
    let lua = builder(version, &Limits::default(), &World::default(), None)?.restore(bytes)?;
    let mut facts = Facts::new();
    facts.insert("bytes in use".into(), lua.stats()?.memory_used.into());
    let files = lua
        .files()
        .list()?
        .into_iter()
        .map(|(name, size)| json!({ "name": String::from_utf8_lossy(&name), "bytes": size }));
    facts.insert("files".into(), files.collect());
    let tasks = lua.tasks()?.iter().map(task).collect::<Result<_>>()?;
    facts.insert("tasks".into(), serde_json::Value::Array(tasks));
    Ok(facts)
}

fn task(task: &Task) -> Result<serde_json::Value> {
    let waits = match task.kind() {
        TaskKind::Call => {
            let arguments: Variadic<Value> = task.arguments()?;
            let arguments: Vec<String> = arguments.0.iter().map(value::shown).collect();
            format!("an answer to {}({})", task.name().unwrap_or_default(), arguments.join(", "))
        }
        TaskKind::Input => "standard input".into(),
        TaskKind::Output => "what it printed to be taken".into(),
        _ => "its next slice of time".into(),
    };
    Ok(json!({ "number": task.id(), "waits for": waits, "fuel used": task.fuel_used() }))
}

/// The facts as lines.
fn shown(facts: &Facts) -> String {
    let width = facts.keys().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (name, fact) in facts {
        match fact {
            serde_json::Value::Array(entries) => {
                text.push_str(&format!("{name:width$}  {}\n", grouped(entries.len() as u64)));
                for entry in entries {
                    let parts = entry.as_object().into_iter().flatten();
                    let parts: Vec<String> =
                        parts.map(|(name, fact)| format!("{name} {}", plain(fact))).collect();
                    text.push_str(&format!("{:width$}    {}\n", "", parts.join(", ")));
                }
            }
            fact => text.push_str(&format!("{name:width$}  {}\n", plain(fact))),
        }
    }
    text
}

fn plain(fact: &serde_json::Value) -> String {
    match fact {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "none".into(),
        other => other.as_u64().map_or_else(|| other.to_string(), grouped),
    }
}
