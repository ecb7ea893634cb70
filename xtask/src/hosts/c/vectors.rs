//! The vectors of tests/vectors as lines, for a program in C that reads no JSON (hosts/c/tests/vectors).

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::root;

/// All vectors, and how many there are.
pub fn lines() -> Result<(String, usize)> {
    let mut text = String::new();
    let mut count = 0;
    for file in ["values", "calls", "malformed", "conversations", "errors"] {
        let listed: Vec<Value> =
            serde_json::from_slice(&fs::read(root().join(format!("tests/vectors/{file}.json")))?)?;
        for vector in &listed {
            count += 1;
            writeln!(text, "v {}: {}", file, word(vector, "name")?)?;
            if vector.get("needs").is_some() {
                text.push_str("n\n");
            }
            for (key, value) in vector["options"].as_object().into_iter().flatten() {
                writeln!(text, "o {key} {value}")?;
            }
            match file {
                "values" => writeln!(text, "c {}\n{}", hex(word(vector, "source")?), expected(vector, 0)?)?,
                "calls" => {
                    writeln!(text, "c {}\nk {}", hex(word(vector, "define")?), word(vector, "arguments")?)?;
                    writeln!(text, "{}", expected(vector, 0)?)?;
                }
                "malformed" => {
                    writeln!(text, "k {}\n{}", word(vector, "arguments")?, expected(vector, 0)?)?;
                    writeln!(text, "c {}\n= 0 9104", hex("return 2+2"))?;
                }
                "conversations" => conversation(&mut text, vector)?,
                _ => error(&mut text, vector)?,
            }
        }
    }
    Ok((text, count))
}

fn word<'a>(of: &'a Value, field: &str) -> Result<&'a str> {
    of[field].as_str().with_context(|| format!("{field} in {of}"))
}

fn hex(text: impl AsRef<[u8]>) -> String {
    text.as_ref().iter().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    })
}

fn expected(of: &Value, usual: u64) -> Result<String> {
    let result = of.get("result").map_or(Ok("-"), |_| word(of, "result"))?;
    Ok(format!("= {} {result}", of["status"].as_u64().unwrap_or(usual)))
}

fn conversation(text: &mut String, vector: &Value) -> Result<()> {
    for step in vector["steps"].as_array().context("steps")? {
        if let Some(source) = step["compute"].as_str() {
            writeln!(text, "c {}", hex(source))?;
        } else if let Some(set) = step["set"].as_array() {
            writeln!(text, "s {} {} {}", set[0], set[1], step["status"].as_u64().unwrap_or(0))?;
            continue;
        } else if step.get("compact").is_some() {
            text.push_str("p\n");
            continue;
        } else if step.get("dropped").is_some() {
            text.push_str("d\n");
        } else {
            let (letter, field) = [("k", "call"), ("r", "resume"), ("x", "raise")]
                .into_iter()
                .find(|(_, field)| step.get(field).is_some())
                .with_context(|| format!("no step is {step}"))?;
            writeln!(text, "{letter} {}", word(step, field)?)?;
        }
        writeln!(text, "{}", expected(step, 0)?)?;
    }
    Ok(())
}

fn error(text: &mut String, vector: &Value) -> Result<()> {
    writeln!(text, "e {} {}", hex(word(vector, "source")?), hex(word(vector, "chunk")?))?;
    writeln!(text, "{}", expected(vector, 0)?)?;
    for (field, value) in vector["error"].as_object().context("an error")? {
        match field.as_str() {
            "message" => writeln!(text, "m {}", hex(value.as_str().context("a message")?))?,
            "chunk" => writeln!(text, "h {}", hex(value.as_str().context("a chunk")?))?,
            "line" => writeln!(text, "l {value}")?,
            "value" => {
                let mut packed = Vec::new();
                pack(value, &mut packed)?;
                writeln!(text, "u {}", hex(packed))?;
            }
            other => bail!("an error has no {other}"),
        }
    }
    for line in vector["traceback"].as_array().into_iter().flatten() {
        writeln!(text, "t {}", hex(line.as_str().context("a line of a traceback")?))?;
    }
    text.push_str(".\n");
    Ok(())
}

/// The few kinds of values that errors of the vectors have.
fn pack(value: &Value, to: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Bool(flag) => to.push(if *flag { 0xc3 } else { 0xc2 }),
        Value::Number(number) => {
            to.push(number.as_u64().filter(|number| *number < 128).context("a small number")? as u8)
        }
        Value::String(text) if text.len() < 32 => {
            to.push(0xa0 | text.len() as u8);
            to.extend(text.as_bytes());
        }
        Value::Array(items) if items.len() < 16 => {
            to.push(0x90 | items.len() as u8);
            items.iter().try_for_each(|item| pack(item, to))?;
        }
        Value::Object(entries) if entries.len() < 16 => {
            to.push(0x80 | entries.len() as u8);
            for (key, entry) in entries {
                pack(&Value::String(key.clone()), to)?;
                pack(entry, to)?;
            }
        }
        other => bail!("no vector has had a value like {other}"),
    }
    Ok(())
}
