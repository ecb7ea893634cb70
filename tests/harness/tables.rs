//! The part of TOML in which the tests write down what does not run and why: `[[kind]]`, then lines `key = value`.

/// One table of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The word in the double brackets.
    pub kind: String,
    /// Keys and values in order, strings without their quotes.
    pub values: Vec<(String, String)>,
}

impl Table {
    /// The value of `key`, where the table has it.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// All tables of `text`, in order. Panics at a line that is neither a table's head, nor a key, nor a comment.
pub fn parse(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(kind) = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
            tables.push(Table { kind: kind.into(), values: Vec::new() });
            continue;
        }
        let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("no key: {line}"));
        let table = tables.last_mut().unwrap_or_else(|| panic!("a key before any table: {line}"));
        table.values.push((key.into(), value.trim_matches('"').into()));
    }
    tables
}
