//! Values of Lua in JSON.
//!
//! What JSON has is written as it is. The rest is an object with the field `lua`, which says what it is; a table that itself has
//! a field of that name is written by its entries, so that nothing can be taken for another thing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moonlet::{LuaString, Value as Lua};
use serde_json::{Map, Number, Value as Json, json};

/// The field that marks what JSON has no form for.
const MARK: &str = "lua";

/// A value.
pub fn value(lua: &Lua) -> Json {
    match lua {
        Lua::Nil => Json::Null,
        Lua::Boolean(flag) => Json::Bool(*flag),
        Lua::Integer(integer) => Json::from(*integer),
        Lua::Float(float) => match Number::from_f64(*float) {
            Some(number) => Json::Number(number),
            None => json!({MARK: "float", "text": infinite(*float)}),
        },
        Lua::String(text) => string(text),
        Lua::Sequence(values) => Json::Array(values.iter().map(value).collect()),
        Lua::Map(map) => fields(map).unwrap_or_else(|| {
            let entries: Vec<Json> =
                map.iter().map(|(key, entry)| json!([value(key), value(entry)])).collect();
            json!({MARK: "table", "entries": entries})
        }),
        Lua::Function(_) => json!({MARK: "function"}),
        other => json!({MARK: other.type_name()}),
    }
}

/// Text, or bytes that are none.
fn string(text: &LuaString) -> Json {
    match text.to_str() {
        Some(text) => Json::from(text),
        None => json!({MARK: "bytes", "base64": STANDARD.encode(text.as_bytes())}),
    }
}

fn infinite(float: f64) -> &'static str {
    if float.is_nan() {
        "nan"
    } else if float > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

/// The object that a table is whose keys are all text, and none of them the mark.
fn fields(map: &moonlet::Map) -> Option<Json> {
    let mut object = Map::new();
    for (key, entry) in map.iter() {
        let key = key.as_str().filter(|key| *key != MARK)?;
        object.insert(key.into(), value(entry));
    }
    Some(Json::Object(object))
}

/// Whether the host holds something of the state by this value.
pub fn holds(lua: &Lua) -> bool {
    match lua {
        Lua::Function(_) | Lua::Object(_) => true,
        Lua::Sequence(values) => values.iter().any(holds),
        Lua::Map(map) => map.iter().any(|(key, entry)| holds(key) || holds(entry)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use moonlet::Variadic;

    use super::*;

    fn shown(source: &str) -> Json {
        let lua = moonlet::Lua::new().unwrap();
        let Variadic(values): Variadic<Lua> = lua.eval(source).unwrap();
        Json::Array(values.iter().map(value).collect())
    }

    #[test]
    fn values_of_json_are_as_they_are() {
        assert_eq!(shown("return nil, true, 1, 1.5, 'text'"), json!([null, true, 1, 1.5, "text"]));
        assert_eq!(shown("return {}, {1, {2}}, {a = {b = 1}}"), json!([[], [1, [2]], {"a": {"b": 1}}]));
        assert_eq!(
            shown("return math.mininteger, 2^53").to_string(),
            "[-9223372036854775808,9007199254740992.0]"
        );
    }

    #[test]
    fn what_json_lacks_is_marked() {
        let expected = json!([
            {"lua": "float", "text": "inf"},
            {"lua": "float", "text": "-inf"},
            {"lua": "float", "text": "nan"},
            {"lua": "bytes", "base64": "/w=="},
            {"lua": "table", "entries": [[true, 1]]},
            {"lua": "function"},
        ]);
        assert_eq!(shown("return 1/0, -1/0, 0/0, '\\xff', {[true] = 1}, print"), expected);
    }

    #[test]
    fn a_table_cannot_pose_as_a_mark() {
        assert_eq!(
            shown("return {lua = 'function'}"),
            json!([{"lua": "table", "entries": [["lua", "function"]]}])
        );
    }
}
