//! Completion of globals, fields and keywords.

use moonlet::{Lua, LuaString};

use crate::report::OWN;

const FIELDS: &str = include_str!("../lua/complete.lua");

/// The words that Lua keeps for itself, as far as they are worth completing.
pub const KEYWORDS: [&str; 22] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Where the last name of a line starts, and what it can become.
pub fn complete(lua: &Lua, line: &str) -> (usize, Vec<String>) {
    let chain = line
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':')))
        .map_or(line, |end| &line[end + 1..]);
    let start_of_name = chain.rfind(['.', ':']).map_or(0, |end| end + 1);
    let prefix = &chain[start_of_name..];
    let methods = chain[..start_of_name].ends_with(':');
    let path: Vec<LuaString> =
        chain[..start_of_name].split_terminator(['.', ':']).map(LuaString::from).collect();
    let start = line.len() - prefix.len();
    let fields = lua.load(FIELDS).name(OWN).call::<Vec<String>>((path.clone(), prefix, methods));
    // What cannot be looked up has no completion.
    let mut names = fields.unwrap_or_default();
    if path.is_empty() && !prefix.is_empty() {
        names.extend(KEYWORDS.iter().filter(|word| word.starts_with(prefix)).map(ToString::to_string));
        names.sort();
        names.dedup();
    }
    (start, names)
}
