//! Another codec, and what Lua makes of its values.

use std::collections::BTreeMap;

use rmpv::Value;

pub fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("memory");
    bytes
}

/// The first value of `data` and how many bytes it takes, as another codec sees it.
pub fn decoded(data: &[u8]) -> Option<(Value, usize)> {
    let mut rest = data;
    let value = rmpv::decode::read_value_with_max_depth(&mut rest, 1000).ok()?;
    Some((value, data.len() - rest.len()))
}

/// Whether Lua can have a value that is well formed, within so many levels of tables; `nulls` is the option NULLS.
pub fn acceptable(value: &Value, levels: usize, nulls: bool) -> bool {
    match value {
        Value::Integer(integer) => integer.as_i64().is_some(),
        Value::Ext(..) => false,
        Value::Array(_) | Value::Map(_) if levels == 0 => false,
        Value::Array(values) => values.iter().all(|value| acceptable(value, levels - 1, nulls)),
        Value::Map(entries) => entries.iter().all(|(key, value)| {
            let allowed = match key {
                Value::Nil => nulls,
                Value::F32(key) => !key.is_nan(),
                Value::F64(key) => !key.is_nan(),
                _ => true,
            };
            allowed && acceptable(key, levels - 1, nulls) && acceptable(value, levels - 1, nulls)
        }),
        _ => true,
    }
}

/// A value as Lua has it: arrays and maps are tables, strings are bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    Nil,
    /// `host.null`, a nil within a table.
    Null,
    Boolean(bool),
    Integer(i64),
    /// Its bits.
    Float(u64),
    String(Vec<u8>),
    Table(BTreeMap<Self, Self>),
    /// A table without entries that was a map.
    EmptyMap,
}

impl Model {
    pub fn of(value: &Value, nulls: bool) -> Self {
        let inside = |value: &Value| match value {
            Value::Nil if nulls => Self::Null,
            value => Self::of(value, nulls),
        };
        match value {
            Value::Nil => Self::Nil,
            Value::Boolean(boolean) => Self::Boolean(*boolean),
            Value::Integer(integer) => Self::Integer(integer.as_i64().expect("an integer of Lua")),
            Value::F32(float) => Self::float(f64::from(*float)),
            Value::F64(float) => Self::float(*float),
            Value::String(string) => Self::String(string.as_bytes().to_vec()),
            Value::Binary(bytes) => Self::String(bytes.clone()),
            Value::Array(values) => Self::table((1..).map(Self::Integer).zip(values.iter().map(inside))),
            Value::Map(entries) => {
                match Self::table(entries.iter().map(|(key, value)| (inside(key).into_key(), inside(value))))
                {
                    Self::Table(table) if table.is_empty() => Self::EmptyMap,
                    table => table,
                }
            }
            Value::Ext(..) => panic!("no model of an ext type"),
        }
    }

    fn float(float: f64) -> Self {
        Self::Float(if float.is_nan() { 0x7ff8_0000_0000_0000 } else { float.to_bits() })
    }

    /// A float with a whole value is an integer as a key.
    fn into_key(self) -> Self {
        match self {
            Self::Float(bits) => {
                let float = f64::from_bits(bits);
                let whole = float.fract() == 0.0 && (-(2f64.powi(63))..2f64.powi(63)).contains(&float);
                if whole { Self::Integer(float as i64) } else { self }
            }
            _ => self,
        }
    }

    /// The last value of a key is the one that stays, and nil is none.
    fn table(entries: impl Iterator<Item = (Self, Self)>) -> Self {
        let mut table = BTreeMap::new();
        for (key, value) in entries {
            match value {
                Self::Nil => table.remove(&key),
                _ => table.insert(key, value),
            };
        }
        Self::Table(table)
    }
}

/// Whether a table is somewhere a key: such keys are equal only to themselves.
pub fn has_table_key(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(has_table_key),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, value)| matches!(key, Value::Array(_) | Value::Map(_)) || has_table_key(value)),
        _ => false,
    }
}

/// Checks that a table with the keys 1 to n is an array and no other is, and that UTF-8 is what tells `str` from `bin`. Only
/// with the option NULLS is there a nil in a table.
pub fn assert_our_forms(value: &Value, nulls: bool) {
    match value {
        Value::String(string) => assert!(string.is_str(), "str is UTF-8"),
        Value::Binary(bytes) => assert!(std::str::from_utf8(bytes).is_err(), "bin is no UTF-8"),
        Value::F32(_) | Value::Ext(..) => panic!("{value} is never written"),
        Value::Array(values) => values.iter().for_each(|value| {
            assert!(nulls || !value.is_nil(), "a table holds no nil");
            assert_our_forms(value, nulls);
        }),
        Value::Map(entries) => {
            let mut keys: Vec<i64> = entries.iter().filter_map(|(key, _)| key.as_i64()).collect();
            keys.sort_unstable();
            let counts = keys.len() == entries.len() && keys.iter().zip(1..).all(|(key, n)| *key == n);
            assert!(!counts || keys.is_empty(), "keys 1 to n make an array");
            for (key, value) in entries {
                assert_our_forms(key, nulls);
                assert_our_forms(value, nulls);
            }
        }
        _ => {}
    }
}
