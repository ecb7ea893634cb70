//! Values of Lua in Rust.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use crate::function::Function;
use crate::object::Object;

/// Any value of Lua.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `nil`
    #[default]
    Nil,
    /// `true` or `false`
    Boolean(bool),
    /// An integer, of 64 bits.
    Integer(i64),
    /// A float. NaN has no payload.
    Float(f64),
    /// A string: any bytes.
    String(LuaString),
    /// A table whose keys are exactly 1 to n, or an empty one.
    Sequence(Vec<Value>),
    /// Any other table, as a copy.
    Map(Map),
    /// A function, coroutine or userdata that stays in the state.
    Function(Function),
    /// An object of the host.
    Object(Object),
}

impl Value {
    /// Its type's name in messages: what Lua's `type` says, but `integer` or `float` for a number, and `object of the host`. A
    /// [`Function`](Self::Function) may also be a coroutine or userdata.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::String(_) => "string",
            Self::Sequence(_) | Self::Map(_) => "table",
            Self::Function(_) => "function",
            Self::Object(_) => "object of the host",
        }
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// The field of that name, when it is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// A number by which a value is known again once it was in Lua: tables by their entries, which have no order there.
    pub(crate) fn fingerprint(&self, hasher: &RandomState) -> u64 {
        let entry = |key: &Self, value: &Self| match value {
            Self::Nil => 0,
            value => hasher.hash_one((key.fingerprint(hasher), value.fingerprint(hasher))),
        };
        match self {
            Self::Nil => hasher.hash_one("nil"),
            Self::Boolean(flag) => hasher.hash_one(flag),
            Self::Integer(integer) => hasher.hash_one(integer),
            Self::Float(float) => hasher.hash_one(("float", float.to_bits())),
            Self::String(text) => hasher.hash_one(text),
            Self::Sequence(values) => {
                let entries = (1..).map(Self::Integer).zip(values);
                entries.map(|(key, value)| entry(&key, value)).fold(0, u64::wrapping_add)
            }
            Self::Map(map) => map.iter().map(|(key, value)| entry(key, value)).fold(0, u64::wrapping_add),
            Self::Function(function) => hasher.hash_one(("function", function.key())),
            Self::Object(object) => hasher.hash_one(("object", object.address())),
        }
    }

    /// The text of a string that is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => text.to_str(),
            _ => None,
        }
    }
}

macro_rules! values_from {
    ($($type:ty, $variant:ident)*) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

values_from! {
    bool, Boolean
    i32, Integer
    i64, Integer
    f64, Float
    &str, String
    String, String
    &[u8], String
    LuaString, String
    Vec<Value>, Sequence
    Map, Map
    Function, Function
    Object, Object
}

/// A string of Lua: bytes, often but not always UTF-8.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LuaString(Vec<u8>);

impl LuaString {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its text, when it is UTF-8.
    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Its text, with U+FFFD for what is no UTF-8.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Its bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl<T: Into<Vec<u8>>> From<T> for LuaString {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for LuaString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_str() {
            Some(text) => fmt::Debug::fmt(text, f),
            None => write!(f, "b\"{}\"", self.0.escape_ascii()),
        }
    }
}

/// The entries of a table that is no sequence, in Lua's own order.
///
/// Keys are of any kind, tables too. Going to Lua, the last of equal keys counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(Value, Value)>);

impl Map {
    /// No entry.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value under a string.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(found, _)| matches!(found, Value::String(text) if text.as_bytes() == key.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Adds an entry.
    pub fn push(&mut self, key: Value, value: Value) {
        self.0.push((key, value));
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries.
    pub fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.0.iter()
    }
}

impl FromIterator<(Value, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl IntoIterator for Map {
    type Item = (Value, Value);
    type IntoIter = std::vec::IntoIter<(Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a (Value, Value);
    type IntoIter = std::slice::Iter<'a, (Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
