//! From Rust to Lua.

use std::fmt::Display;

use serde::ser::{self, Serialize};

use crate::{Error, IntoLua, Map, Result, Value};

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::conversion(message.to_string())
    }
}

pub struct Serializer;

/// Methods for what [`IntoLua`] converts.
macro_rules! plain {
    ($($method:ident $type:ty)*) => {
        $(fn $method(self, value: $type) -> Result<Value> {
            value.into_lua()
        })*
    };
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Sequence;
    type SerializeTuple = Sequence;
    type SerializeTupleStruct = Sequence;
    type SerializeTupleVariant = Sequence;
    type SerializeMap = Table;
    type SerializeStruct = Table;
    type SerializeStructVariant = Table;

    plain! {
        serialize_bool bool
        serialize_i8 i8
        serialize_i16 i16
        serialize_i32 i32
        serialize_i64 i64
        serialize_i128 i128
        serialize_u8 u8
        serialize_u16 u16
        serialize_u32 u32
        serialize_u64 u64
        serialize_u128 u128
        serialize_f32 f32
        serialize_f64 f64
        serialize_str &str
        serialize_bytes &[u8]
    }

    fn serialize_char(self, value: char) -> Result<Value> {
        value.to_string().into_lua()
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Nil)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Nil)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Nil)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value> {
        variant.into_lua()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value> {
        Ok(tagged(variant, value.serialize(self)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Sequence> {
        Ok(Sequence { values: Vec::with_capacity(len.unwrap_or(0).min(1024)), variant: None })
    }

    fn serialize_tuple(self, len: usize) -> Result<Sequence> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Sequence> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Sequence> {
        Ok(Sequence { values: Vec::new(), variant: Some(variant) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Table> {
        Ok(Table { map: Map::new(), key: Value::Nil, variant: None })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Table> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Table> {
        Ok(Table { map: Map::new(), key: Value::Nil, variant: Some(variant) })
    }
}

/// A table with one field, the variant's name.
fn tagged(variant: &str, value: Value) -> Value {
    Value::Map([(Value::from(variant), value)].into_iter().collect())
}

pub struct Sequence {
    values: Vec<Value>,
    variant: Option<&'static str>,
}

impl Sequence {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.values.push(value.serialize(Serializer)?);
        Ok(())
    }

    fn finish(self) -> Result<Value> {
        let sequence = Value::Sequence(self.values);
        Ok(match self.variant {
            Some(variant) => tagged(variant, sequence),
            None => sequence,
        })
    }
}

pub struct Table {
    map: Map,
    /// The key whose value comes next.
    key: Value,
    variant: Option<&'static str>,
}

impl Table {
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.map.push(Value::from(name), value.serialize(Serializer)?);
        Ok(())
    }

    fn finish(self) -> Result<Value> {
        let map = Value::Map(self.map);
        Ok(match self.variant {
            Some(variant) => tagged(variant, map),
            None => map,
        })
    }
}

macro_rules! sequences {
    ($($name:ident $method:ident)*) => {
        $(impl ser::$name for Sequence {
            type Ok = Value;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.add(value)
            }

            fn end(self) -> Result<Value> {
                self.finish()
            }
        })*
    };
}

sequences! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! structs {
    ($($name:ident)*) => {
        $(impl ser::$name for Table {
            type Ok = Value;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.field(name, value)
            }

            fn end(self) -> Result<Value> {
                self.finish()
            }
        })*
    };
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Table {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = key.serialize(Serializer)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = std::mem::take(&mut self.key);
        self.map.push(key, value.serialize(Serializer)?);
        Ok(())
    }

    fn end(self) -> Result<Value> {
        self.finish()
    }
}
