//! From Lua to Rust.

use std::fmt::Display;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::convert::{mismatch, whole};
use crate::{Error, LuaString, Map, Result, Value};

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::conversion(message.to_string())
    }
}

impl IntoDeserializer<'_, Error> for Value {
    type Deserializer = Deserializer;

    fn into_deserializer(self) -> Deserializer {
        Deserializer(self)
    }
}

pub struct Deserializer(pub Value);

fn sequence<'de, V: Visitor<'de>>(values: Vec<Value>, visitor: V) -> Result<V::Value> {
    let mut sequence = SeqDeserializer::new(values.into_iter());
    let value = visitor.visit_seq(&mut sequence)?;
    sequence.end()?;
    Ok(value)
}

fn map<'de, V: Visitor<'de>>(map: Map, visitor: V) -> Result<V::Value> {
    let mut entries = MapDeserializer::new(map.into_iter());
    let value = visitor.visit_map(&mut entries)?;
    entries.end()?;
    Ok(value)
}

fn string<'de, V: Visitor<'de>>(text: LuaString, visitor: V) -> Result<V::Value> {
    match String::from_utf8(text.into_bytes()) {
        Ok(text) => visitor.visit_string(text),
        Err(error) => visitor.visit_byte_buf(error.into_bytes()),
    }
}

/// Integers may come as floats with a whole value, as in Lua.
macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visitor.visit_i64(whole(&self.0)?)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Nil => visitor.visit_unit(),
            Value::Boolean(flag) => visitor.visit_bool(flag),
            Value::Integer(integer) => visitor.visit_i64(integer),
            Value::Float(float) => visitor.visit_f64(float),
            Value::String(text) => string(text, visitor),
            Value::Sequence(values) => sequence(values, visitor),
            Value::Map(entries) => map(entries, visitor),
            other => Err(mismatch("a value that can be copied", &other)),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Nil => visitor.visit_none(),
            value => visitor.visit_some(Self(value)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::String(text) => visitor.visit_byte_buf(text.into_bytes()),
            Value::Sequence(values) => sequence(values, visitor),
            other => Err(mismatch("string", &other)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// An empty table is a map as well as a sequence.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Map(entries) => map(entries, visitor),
            Value::Sequence(values) => map((1..).map(Value::Integer).zip(values).collect(), visitor),
            other => Err(mismatch("table", &other)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Value::Sequence(values) if !values.is_empty() => sequence(values, visitor),
            other => Self(other).deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Value::Map(entries) if entries.len() == 1 => visitor
                .visit_enum(de::value::MapAccessDeserializer::new(MapDeserializer::new(entries.into_iter()))),
            Value::String(text) => match text.to_str() {
                Some(text) => visitor.visit_enum(text.into_deserializer()),
                None => Err(Error::conversion("a variant's name expected, got bytes that are no UTF-8")),
            },
            other => Err(mismatch("a variant's name, or a table with that one field", &other)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string unit unit_struct seq tuple tuple_struct identifier
    }
}
