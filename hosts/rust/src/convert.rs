//! Values by traits: what Rust has to what Lua has, and back.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use crate::function::Function;
use crate::object::Object;
use crate::value::Map;
use crate::{Error, Lua, LuaString, Result, Value};

/// What can become a value of Lua.
pub trait IntoLua: Sized {
    /// The value.
    ///
    /// # Errors
    /// [`Conversion`](crate::ErrorKind::Conversion): Lua has no such value.
    fn into_lua(self) -> Result<Value>;

    /// Many of them: a sequence, but for bytes, which are a string.
    #[doc(hidden)]
    fn vec_into_lua(values: Vec<Self>) -> Result<Value> {
        values.into_iter().map(Self::into_lua).collect::<Result<_>>().map(Value::Sequence)
    }
}

/// What can be made of a value of Lua.
pub trait FromLua: Sized {
    /// What is made of it.
    ///
    /// # Errors
    /// [`Conversion`](crate::ErrorKind::Conversion): the value is of another type, or out of range. Nothing is converted silently: not
    /// a string to a number, nor a float with a fraction to an integer.
    fn from_lua(value: Value) -> Result<Self>;

    /// Many of them, from a sequence, but for bytes, which come from a string.
    #[doc(hidden)]
    fn vec_from_lua(value: Value) -> Result<Vec<Self>> {
        match value {
            Value::Sequence(values) => values.into_iter().map(Self::from_lua).collect(),
            other => Err(mismatch("sequence", &other)),
        }
    }

    /// The next argument.
    #[doc(hidden)]
    fn from_arguments(arguments: &mut Arguments) -> Result<Self> {
        arguments.next_value(Self::from_lua)
    }
}

/// What can become arguments or results: a value, a tuple of values, `()` for none, or a [`Variadic`].
pub trait IntoLuaMulti {
    /// The values.
    ///
    /// # Errors
    /// As [`IntoLua::into_lua`].
    fn into_lua_multi(self) -> Result<Vec<Value>>;
}

/// What can be made of arguments or results: a value, a tuple of values, `()` for whatever there is, or a [`Variadic`]. Values that
/// are missing are nil; those beyond are ignored.
pub trait FromLuaMulti: Sized {
    /// What is made of them.
    ///
    /// # Errors
    /// As [`FromLua::from_lua`]; the message says which value it was.
    fn from_lua_multi(arguments: &mut Arguments) -> Result<Self>;
}

/// What a host function was called with, or a call returned.
#[derive(Debug)]
pub struct Arguments {
    lua: Lua,
    /// The function that was called; results have none.
    function: Option<String>,
    values: std::vec::IntoIter<Value>,
    taken: usize,
}

impl Arguments {
    pub(crate) fn new(lua: Lua, function: Option<String>, values: Vec<Value>) -> Self {
        Self { lua, function, values: values.into_iter(), taken: 0 }
    }

    /// Takes the next value.
    fn next_value<T>(&mut self, convert: impl FnOnce(Value) -> Result<T>) -> Result<T> {
        self.taken += 1;
        let value = self.values.next().unwrap_or_default();
        convert(value).map_err(|error| {
            let number = self.taken;
            Error::conversion(match &self.function {
                Some(function) => format!("bad argument #{number} to '{function}' ({error})"),
                None => format!("result #{number}: {error}"),
            })
        })
    }

    /// The object that a method was called on.
    pub(crate) fn next_object(&mut self, class: &str) -> Result<Object> {
        self.next_value(|value| match value {
            Value::Object(object) if object.class_name() == class => Ok(object),
            other => Err(Error::conversion(format!("{class} expected, got {}", other.type_name()))),
        })
    }
}

/// Any number of values: the rest of the arguments, all results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variadic<T>(pub Vec<T>);

impl<T: FromLua> FromLua for Variadic<T> {
    fn from_lua(value: Value) -> Result<Self> {
        Ok(Self(vec![T::from_lua(value)?]))
    }

    fn from_arguments(arguments: &mut Arguments) -> Result<Self> {
        let count = arguments.values.len();
        (0..count).map(|_| T::from_arguments(arguments)).collect::<Result<_>>().map(Self)
    }
}

impl<T: IntoLua> IntoLuaMulti for Variadic<T> {
    fn into_lua_multi(self) -> Result<Vec<Value>> {
        self.0.into_iter().map(T::into_lua).collect()
    }
}

/// The state that a host function is called from; it takes no argument.
impl FromLua for Lua {
    fn from_lua(_: Value) -> Result<Self> {
        Err(Error::conversion("a Lua state is no value; it can only be a parameter of a host function"))
    }

    fn from_arguments(arguments: &mut Arguments) -> Result<Self> {
        Ok(arguments.lua.clone())
    }
}

impl<T: IntoLua> IntoLuaMulti for T {
    fn into_lua_multi(self) -> Result<Vec<Value>> {
        Ok(vec![self.into_lua()?])
    }
}

impl<T: FromLua> FromLuaMulti for T {
    fn from_lua_multi(arguments: &mut Arguments) -> Result<Self> {
        T::from_arguments(arguments)
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {
        $(
            impl<$($name: IntoLua),*> IntoLuaMulti for ($($name,)*) {
                #[allow(non_snake_case, reason = "the values are called as their types")]
                fn into_lua_multi(self) -> Result<Vec<Value>> {
                    let ($($name,)*) = self;
                    Ok(vec![$($name.into_lua()?),*])
                }
            }

            impl<$($name: FromLua),*> FromLuaMulti for ($($name,)*) {
                #[allow(unused_variables, reason = "no value takes nothing")]
                fn from_lua_multi(arguments: &mut Arguments) -> Result<Self> {
                    Ok(($($name::from_arguments(arguments)?,)*))
                }
            }
        )*
    };
}

tuples! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

/// The error for a value of another type.
pub fn mismatch(expected: &str, value: &Value) -> Error {
    Error::conversion(format!("{expected} expected, got {}", value.type_name()))
}

impl IntoLua for Value {
    fn into_lua(self) -> Result<Value> {
        Ok(self)
    }
}

impl FromLua for Value {
    fn from_lua(value: Value) -> Result<Self> {
        Ok(value)
    }
}

/// A type that a value holds as it is.
macro_rules! variants {
    ($($type:ty, $variant:ident, $name:literal)*) => {
        $(
            impl IntoLua for $type {
                fn into_lua(self) -> Result<Value> {
                    Ok(Value::$variant(self))
                }
            }

            impl FromLua for $type {
                fn from_lua(value: Value) -> Result<Self> {
                    match value {
                        Value::$variant(value) => Ok(value),
                        other => Err(mismatch($name, &other)),
                    }
                }
            }
        )*
    };
}

variants! {
    bool, Boolean, "boolean"
    LuaString, String, "string"
    Function, Function, "function"
    Object, Object, "object of the host"
}

/// A type of which only a clone is handed over.
macro_rules! by_reference {
    ($($type:ty)*) => {
        $(impl IntoLua for &$type {
            fn into_lua(self) -> Result<Value> {
                self.clone().into_lua()
            }
        })*
    };
}

by_reference! { Value LuaString Function Object }

/// The integer that a value is: also a float with a whole value, as in Lua.
pub fn whole(value: &Value) -> Result<i64> {
    match value {
        Value::Integer(integer) => Ok(*integer),
        // The bounds are exact: 2^63 is the first float that does not fit.
        Value::Float(float) if float.fract() == 0.0 && (-(2f64.powi(63))..2f64.powi(63)).contains(float) => {
            Ok(*float as i64)
        }
        Value::Float(float) => Err(Error::conversion(format!("integer expected, got {float:?}"))),
        other => Err(mismatch("integer", other)),
    }
}

macro_rules! integers {
    ($($type:ident)*) => {
        $(
            impl IntoLua for $type {
                fn into_lua(self) -> Result<Value> {
                    integers!(@into $type self)
                }

                integers!(@bytes into $type);
            }

            impl FromLua for $type {
                fn from_lua(value: Value) -> Result<Self> {
                    let integer = whole(&value)?;
                    integer.try_into().map_err(|_| {
                        Error::conversion(format!("{integer} is out of the range of {}", stringify!($type)))
                    })
                }

                integers!(@bytes from $type);
            }
        )*
    };
    (@into $type:ident $self:ident) => {
        i64::try_from($self).map(Value::Integer).map_err(|_| {
            Error::conversion(format!("{} is beyond 2^63-1, the largest integer of Lua", $self))
        })
    };
    (@bytes into u8) => {
        fn vec_into_lua(values: Vec<Self>) -> Result<Value> {
            Ok(Value::String(values.into()))
        }
    };
    (@bytes from u8) => {
        fn vec_from_lua(value: Value) -> Result<Vec<Self>> {
            LuaString::from_lua(value).map(LuaString::into_bytes)
        }
    };
    (@bytes $way:ident $type:ident) => {};
}

integers! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

macro_rules! floats {
    ($($type:ident)*) => {
        $(
            impl IntoLua for $type {
                fn into_lua(self) -> Result<Value> {
                    Ok(Value::Float(self.into()))
                }
            }

            impl FromLua for $type {
                fn from_lua(value: Value) -> Result<Self> {
                    match value {
                        Value::Float(float) => Ok(float as $type),
                        Value::Integer(integer) => Ok(integer as $type),
                        other => Err(mismatch("number", &other)),
                    }
                }
            }
        )*
    };
}

floats! { f32 f64 }

impl FromLua for String {
    fn from_lua(value: Value) -> Result<Self> {
        let bytes = LuaString::from_lua(value)?.into_bytes();
        Self::from_utf8(bytes)
            .map_err(|_| Error::conversion("the string is no UTF-8; take it as Vec<u8> or LuaString"))
    }
}

macro_rules! strings {
    ($($type:ty)*) => {
        $(impl IntoLua for $type {
            fn into_lua(self) -> Result<Value> {
                Ok(Value::String(LuaString::from(self)))
            }
        })*
    };
}

strings! { &str String &[u8] }

impl IntoLua for &String {
    fn into_lua(self) -> Result<Value> {
        self.as_str().into_lua()
    }
}

impl<T: IntoLua> IntoLua for Option<T> {
    fn into_lua(self) -> Result<Value> {
        self.map_or(Ok(Value::Nil), T::into_lua)
    }
}

impl<T: FromLua> FromLua for Option<T> {
    fn from_lua(value: Value) -> Result<Self> {
        if value.is_nil() { Ok(None) } else { T::from_lua(value).map(Some) }
    }
}

impl<T: IntoLua> IntoLua for Vec<T> {
    fn into_lua(self) -> Result<Value> {
        T::vec_into_lua(self)
    }
}

impl<T: FromLua> FromLua for Vec<T> {
    fn from_lua(value: Value) -> Result<Self> {
        T::vec_from_lua(value)
    }
}

impl<T: IntoLua, const N: usize> IntoLua for [T; N] {
    fn into_lua(self) -> Result<Value> {
        T::vec_into_lua(self.into())
    }
}

impl<T: FromLua, const N: usize> FromLua for [T; N] {
    fn from_lua(value: Value) -> Result<Self> {
        let values = T::vec_from_lua(value)?;
        let count = values.len();
        values.try_into().map_err(|_| Error::conversion(format!("{N} values expected, got {count}")))
    }
}

/// The entries of a table: a sequence has the keys from 1 on.
fn entries(value: Value) -> Result<Map> {
    match value {
        Value::Map(map) => Ok(map),
        Value::Sequence(values) => Ok((1..).map(Value::Integer).zip(values).collect()),
        other => Err(mismatch("table", &other)),
    }
}

impl IntoLua for Map {
    fn into_lua(self) -> Result<Value> {
        Ok(Value::Map(self))
    }
}

impl FromLua for Map {
    fn from_lua(value: Value) -> Result<Self> {
        entries(value)
    }
}

/// A map in Lua.
fn map_into_lua<K: IntoLua, V: IntoLua>(entries: impl IntoIterator<Item = (K, V)>) -> Result<Value> {
    let entries = entries.into_iter().map(|(key, value)| Ok((key.into_lua()?, value.into_lua()?)));
    entries.collect::<Result<_>>().map(Value::Map)
}

/// What is made of a table's entries.
fn map_from_lua<K: FromLua, V: FromLua, M: FromIterator<(K, V)>>(value: Value) -> Result<M> {
    let entries = entries(value)?.into_iter();
    entries.map(|(key, value)| Ok((K::from_lua(key)?, V::from_lua(value)?))).collect()
}

impl<K: IntoLua, V: IntoLua, S> IntoLua for HashMap<K, V, S> {
    fn into_lua(self) -> Result<Value> {
        map_into_lua(self)
    }
}

impl<K: FromLua + Eq + Hash, V: FromLua, S: BuildHasher + Default> FromLua for HashMap<K, V, S> {
    fn from_lua(value: Value) -> Result<Self> {
        map_from_lua(value)
    }
}

impl<K: IntoLua, V: IntoLua> IntoLua for BTreeMap<K, V> {
    fn into_lua(self) -> Result<Value> {
        map_into_lua(self)
    }
}

impl<K: FromLua + Ord, V: FromLua> FromLua for BTreeMap<K, V> {
    fn from_lua(value: Value) -> Result<Self> {
        map_from_lua(value)
    }
}
