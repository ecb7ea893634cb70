//! Values of Lua, made of words and read by people.

use std::ffi::{OsStr, OsString};

use moonlet::{LuaString, Value};

/// A table with these fields; those that are nil are none.
pub fn table<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_nil());
    Value::Map(fields.map(|(name, value)| (name.into(), value)).collect())
}

/// A word of the command line or the environment.
pub fn text(word: &OsStr) -> Value {
    Value::String(LuaString::from(word.as_encoded_bytes()))
}

/// A string of Lua that names a file of this machine.
pub fn os_string(text: &LuaString) -> OsString {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        OsStr::from_bytes(text.as_bytes()).to_os_string()
    }
    #[cfg(not(unix))]
    {
        text.to_string_lossy().into_owned().into()
    }
}

/// The status that a script gives to `os.exit`.
pub fn exit_code(code: &Value) -> i32 {
    match code {
        Value::Boolean(false) => 1,
        Value::Integer(code) => *code as i32,
        Value::Float(code) => *code as i32,
        _ => 0,
    }
}

/// A value in the way in which Lua's source has it, where that has a way.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Nil => "nil".into(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Float(float) if float.is_nan() => "nan".into(),
        Value::Float(float) if float.is_infinite() => if *float > 0.0 { "inf" } else { "-inf" }.into(),
        Value::Float(float) => format!("{float:?}"),
        Value::String(text) => match text.to_str() {
            Some(text) => format!("{text:?}"),
            None => format!("\"{}\"", text.as_bytes().escape_ascii()),
        },
        Value::Sequence(values) => {
            let values: Vec<String> = values.iter().map(shown).collect();
            format!("{{{}}}", values.join(", "))
        }
        Value::Map(map) => {
            let entry = |(key, value): &(Value, Value)| match key.as_str() {
                Some(key) if is_name(key) => format!("{key} = {}", shown(value)),
                _ => format!("[{}] = {}", shown(key), shown(value)),
            };
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => format!("<{}>", other.type_name()),
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_source() {
        let map = [("a".into(), Value::Integer(1)), (Value::Integer(7), "x\"".into())].into_iter().collect();
        let values = [Value::Nil, true.into(), 2.0.into(), Value::Map(map), b"\xff"[..].into()];
        assert_eq!(
            shown(&Value::Sequence(values.to_vec())),
            r#"{nil, true, 2.0, {a = 1, [7] = "x\""}, "\xff"}"#
        );
    }
}
