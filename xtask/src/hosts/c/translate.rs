//! Modules as C: what wasm2c writes, without its runtime, whose place hosts/c/src/translated.h takes.
//!
//! wasm2c gives an instance a table that can change, and registers the types of functions in globals as the program starts. The
//! modules' tables never change, so both become constants here.

use std::collections::HashSet;
use std::fmt::Write;

use anyhow::{Context, Result, ensure};

/// Whose work a produced file is.
const NOTICE: &str = "\
 * The functions below were written by wasm2c of wabt 1.0.32, Copyright the WebAssembly Community Group participants, licensed under the Apache
 * License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0); its runtime is not part of this file. They do what the module does, which
 * is Lua, Copyright (C) 1994-2026 Lua.org, PUC-Rio, and Moonlet, both under the MIT licence; the notice is part of the data.
";

/// The C of a module, from what wasm2c made of it. `name` is that of its constant, `moonlet_lua54`.
pub fn translate(written: &str, name: &str) -> Result<String> {
    let (_, rest) =
        written.split_once("static void init_func_types(void) {\n").context("wasm2c wrote no types")?;
    let (types, rest) = rest.split_once("\n}\n").context("the types have no end")?;
    check_types(types)?;
    let (functions, exports) = rest.split_once("\n/* export: ").context("wasm2c wrote no exports")?;
    ensure!(exports.contains("'memory'"), "the module has no memory");
    let mut module = Module::default();
    let mut body = String::new();
    let mut blocks = functions.split_inclusive("\n}\n");
    for block in &mut blocks {
        module.add(block, &mut body)?;
    }
    body.push_str(&exports_of(exports)?);
    module.finish(&body, name)
}

/// Which function each export is: equal functions are one, under the name of any of them.
fn exports_of(written: &str) -> Result<String> {
    let mut text = String::new();
    for export in written.split("/* export: ") {
        let name = export.split('\'').nth(1).context("an export has a name")?;
        if let Some((_, call)) = export
            .split_once("  return w2c_")
            .or_else(|| export.split_once("  w2c_"))
            .filter(|_| name != "memory")
        {
            let (function, _) = call.split_once('(').context("an export calls a function")?;
            writeln!(text, "#define EXPORT_{name} w2c_{function}")?;
        }
    }
    Ok(text)
}

/// Functions of one type have one number: what is compared is the number.
fn check_types(types: &str) -> Result<()> {
    let mut seen = HashSet::new();
    for line in types.lines() {
        let (_, signature) = line.split_once(" = ").context("a type is assigned")?;
        ensure!(seen.insert(signature), "two types are one: {signature}");
    }
    Ok(())
}

/// What is told of a module beside its functions.
#[derive(Default)]
struct Module {
    pages: Option<(String, String)>,
    globals: Vec<String>,
    segments: Vec<String>,
    table: Option<(u32, u32)>,
}

impl Module {
    /// Adds what stands between two ends of functions: declarations, data, then a function.
    fn add(&mut self, block: &str, body: &mut String) -> Result<()> {
        let start = block.rfind("\nstatic ").map_or(0, |at| at + 1);
        let head = block[start..].lines().next().unwrap_or_default();
        let of = |name: &str| head.starts_with(&format!("static void {name}("));
        let inner: Vec<&str> = block[start..].lines().skip(1).map(str::trim).collect();
        if of("init_globals") {
            self.globals = inner
                .iter()
                .filter_map(|line| Some(line.split_once(" = ")?.1.trim_end_matches(';').to_string()))
                .collect();
        } else if of("init_memories") {
            self.read_memories(&inner)?;
        } else if of("init_tables") {
            self.read_table(&inner)?;
        } else if of("init_data_instances") || of("init_elem_instances") {
            ensure!(inner.iter().all(|line| line.is_empty() || *line == "}"), "{head} does something");
        } else {
            body.push_str(&rewrite(block)?);
            return Ok(());
        }
        body.push_str(&rewrite(&block[..start])?);
        Ok(())
    }

    fn read_memories(&mut self, lines: &[&str]) -> Result<()> {
        for line in lines {
            if let Some(pages) = line.strip_prefix("wasm_rt_allocate_memory(&instance->w2c_memory, ") {
                let (first, most) =
                    pages.trim_end_matches(");").split_once(", ").context("two numbers of pages")?;
                self.pages = Some((first.to_string(), most.to_string()));
            } else if let Some(segment) = line.strip_prefix("LOAD_DATA(instance->w2c_memory, ") {
                self.segments.push(format!("{{{}}}", segment.trim_end_matches(");")));
            } else {
                ensure!(line.is_empty() || *line == "}", "memory is begun by {line}");
            }
        }
        Ok(())
    }

    /// The size of the table, and where its functions begin in it.
    fn read_table(&mut self, lines: &[&str]) -> Result<()> {
        ensure!(self.table.is_none() && lines.len() == 3, "one table is begun by one list of functions");
        let numbers = |line: &str| -> Vec<u32> {
            line.split([',', '(', ')'])
                .filter_map(|word| word.trim().trim_end_matches('u').parse().ok())
                .collect()
        };
        let (size, filled) = (numbers(lines[0]), numbers(lines[1]));
        ensure!(size.len() == 2 && size[0] == size[1] && filled.len() == 4, "{}", lines[1]);
        ensure!(filled[2] == 0 && filled[0] == filled[3] && filled[1] + filled[0] == size[0], "{}", lines[1]);
        self.table = Some((size[0], filled[1]));
        Ok(())
    }

    fn finish(&self, body: &str, name: &str) -> Result<String> {
        let (pages, most) = self.pages.as_ref().context("the module has a memory")?;
        let (size, first) = self.table.context("the module has a table")?;
        ensure!(self.globals.len() == 2, "the module has two globals, not {}", self.globals.len());
        let mut text = String::with_capacity(body.len() + 4096);
        write!(
            text,
            "/*\n * Lua for `{name}` of moonlet.h, translated from WebAssembly into C. Made by a program: do not change it by hand.\n *\n{NOTICE} */\n\
             #ifndef _DEFAULT_SOURCE\n#define _DEFAULT_SOURCE\n#endif\n#include \"translated.h\"\n\n#undef FUNCTION_TABLE_SIZE\n#define FUNCTION_TABLE_SIZE {size}\n\
             static const translated_entry table[FUNCTION_TABLE_SIZE];\n"
        )?;
        // Whatever stands before the first function is none: its type is no type's number.
        let entries = "static const translated_entry table[FUNCTION_TABLE_SIZE] = {\n";
        let empty = "{UINT32_MAX, NULL},\n".repeat(first as usize);
        ensure!(body.contains(entries), "the list of functions is not where it was expected");
        text.push_str(&body.replace(entries, &format!("{entries}{empty}")));
        text.push_str(
            "static const struct {\n  u32 at;\n  const u8 *data;\n  u32 length;\n} segments[] = {\n",
        );
        for segment in &self.segments {
            writeln!(text, "{segment},")?;
        }
        write!(
            text,
            "}};\n\n#define TRANSLATED_NAME {name}\n#define TRANSLATED_PAGES {pages}\n#define TRANSLATED_MOST_PAGES {most}\n\
             #define TRANSLATED_G0 {}\n#define TRANSLATED_G1 {}\n#include \"translated_module.h\"\n",
            self.globals[0], self.globals[1]
        )?;
        Ok(text)
    }
}

/// A piece of wasm2c's C in the terms of translated.h.
fn rewrite(block: &str) -> Result<String> {
    let is_leaf = !block.contains("(instance") && !block.contains("CALL_INDIRECT(");
    let mut text = String::with_capacity(block.len());
    for line in block.lines() {
        // Indentation is a fifth of the file.
        let line = line.trim_start();
        if line.starts_with("static const wasm_elem_segment_expr_t ") {
            text.push_str("static const translated_entry table[FUNCTION_TABLE_SIZE] = {\n");
            continue;
        }
        let line = line.strip_suffix(", 0},").map_or_else(|| line.to_string(), |entry| format!("{entry}}},"));
        let line = line.replace("wasm_rt_function_ptr_t", "translated_function");
        let line = if is_leaf { line.replace("FUNC_PROLOGUE;", "FUNC_PROLOGUE_LEAF;") } else { line };
        text.push_str(&rewrite_calls(&instances(&line)?)?);
        text.push('\n');
    }
    Ok(text)
}

/// The instance's type, whose name holds the module's.
fn instances(line: &str) -> Result<String> {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("Z_") {
        let (before, from) = rest.split_at(at);
        let end = from.find("_instance_t").with_context(|| format!("a name of wasm2c's in {line}"))?;
        text.push_str(before);
        text.push_str("translated");
        rest = &from[end + "_instance_t".len()..];
    }
    text.push_str(rest);
    Ok(text)
}

/// Accesses, whose memory is always the one, and calls by the table, which is always the one.
fn rewrite_calls(line: &str) -> Result<String> {
    let line = line
        .replace("&instance->w2c_memory, &instance->w2c_memory, ", "")
        .replace("&instance->w2c_memory, ", "")
        .replace("wasm_rt_grow_memory(", "translated_grow(instance, ")
        .replace("instance->w2c_memory.pages", "instance->pages")
        .replace("(*)(void*", "(*)(translated*")
        .replace("CALL_INDIRECT(instance->w2c_T0, ", "CALL_INDIRECT(");
    let mut text = line.clone();
    if let Some((before, rest)) = line.split_once("instance->w2c_T0.data[") {
        let (_, after) = rest.split_once("].module_instance").context("a call by the table")?;
        text = format!("{before}instance{after}");
    }
    text = rewrite_access(&text)?;
    ensure!(
        !text.contains("w2c_T0") && !text.contains("w2c_memory"),
        "wasm2c wrote what is not expected: {text}"
    );
    Ok(text)
}

/// `i32_load((u64)(p) + 28u)` as `i32_load(p, 28u)`: the address and what is added to it apart, so that checks of one address are made once.
fn rewrite_access(line: &str) -> Result<String> {
    let Some(at) = line.find("((u64)(").filter(|at| {
        let name = line[..*at]
            .rsplit(|part: char| !part.is_ascii_alphanumeric() && part != '_')
            .next()
            .unwrap_or_default();
        name.contains("_load") || name.contains("_store")
    }) else {
        return Ok(line.to_string());
    };
    let (before, rest) = (&line[..at], &line[at + "((u64)(".len()..]);
    let (address, rest) = rest.split_once(')').context("an address ends")?;
    let end = rest.find([',', ')']).context("an access ends")?;
    let (added, rest) = rest.split_at(end);
    let added = added.strip_prefix(" + ").unwrap_or("0u");
    ensure!(
        added.trim_end_matches('u').bytes().all(|byte| byte.is_ascii_digit()),
        "an access adds {added}: {line}"
    );
    Ok(format!("{before}({address}, {}u{rest}", added.trim_end_matches('u')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accesses_and_calls_are_those_of_the_runtime() {
        let load = "  w2c_i0 = i32_load(&instance->w2c_memory, (u64)(w2c_i0) + 28);";
        assert_eq!(rewrite(load).unwrap(), "w2c_i0 = i32_load(w2c_i0, 28u);\n");
        let store = "i64_store(&instance->w2c_memory, (u64)(w2c_i0), w2c_j1);";
        assert_eq!(rewrite(store).unwrap(), "i64_store(w2c_i0, 0u, w2c_j1);\n");
        let call = "  w2c_i0 = CALL_INDIRECT(instance->w2c_T0, u32 (*)(void*, u32), 0, w2c_i1, instance->w2c_T0.data[w2c_i1].module_instance, w2c_i0);";
        assert_eq!(
            rewrite(call).unwrap(),
            "w2c_i0 = CALL_INDIRECT(u32 (*)(translated*, u32), 0, w2c_i1, instance, w2c_i0);\n"
        );
        let copy = "memory_copy(&instance->w2c_memory, &instance->w2c_memory, a, b, c);";
        assert_eq!(rewrite(copy).unwrap(), "memory_copy(a, b, c);\n");
    }

    #[test]
    fn a_function_that_calls_none_needs_no_look_at_the_stack() {
        let leaf = "static u32 w2c_f1(Z_lua54_instance_t* instance, u32 w2c_p0) {\n  FUNC_PROLOGUE;\n  w2c_p0 += 1;\n}\n";
        assert!(rewrite(leaf).unwrap().contains("FUNC_PROLOGUE_LEAF;"));
        let caller = leaf.replace("w2c_p0 += 1", "w2c_f2(instance, w2c_p0)");
        assert!(rewrite(&caller).unwrap().contains("FUNC_PROLOGUE;"));
    }

    #[test]
    fn two_exports_may_be_one_function() {
        let written = "'memory' */\nreturn &instance->w2c_memory;\n}\n\n/* export: 'write_file' */\nu32 Z_aZ_write_file(Z_a_instance_t* instance, u32 w2c_p0) {\n  return w2c_remove_file(instance, w2c_p0);\n}\n";
        assert_eq!(exports_of(written).unwrap(), "#define EXPORT_write_file w2c_remove_file\n");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(rewrite("instance->w2c_memory.size").is_err());
        assert!(
            check_types("  func_types[0] = f(1, WASM_RT_I32);\n  func_types[1] = f(1, WASM_RT_I32);")
                .is_err()
        );
        assert!(translate("int main(void) { return 0; }", "moonlet_lua54").is_err());
    }
}
