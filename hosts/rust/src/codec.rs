//! The module's MessagePack: values to bytes and back. ABI.md says which form stands for what.

use crate::function::Function;
use crate::numbers::extension;
use crate::object::Object;
use crate::value::Map;
use crate::{Error, LuaString, Result, Value};

/// How deep tables may nest.
const DEPTH: usize = 128;

/// What stands behind the numbers of functions and objects.
pub trait Links {
    /// The handle of a function of this state.
    fn handle(&mut self, function: &Function) -> Result<u32>;
    /// The number of an object, given one if it has none.
    fn number(&mut self, object: &Object) -> u32;
    /// The function of a handle that arrives.
    fn function(&mut self, handle: u32) -> Function;
    /// The object of a number that arrives.
    fn object(&mut self, number: u32) -> Object;
}

/// Adds the head of an array of so many values.
pub fn array(out: &mut Vec<u8>, len: usize) -> Result<()> {
    head(out, len, [0x90, 15], [0, 0xdc, 0xdd])
}

/// Adds a string.
pub fn string(out: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    head(out, bytes.len(), [0xa0, 31], [0xd9, 0xda, 0xdb])?;
    out.extend_from_slice(bytes);
    Ok(())
}

/// Adds an integer, in its shortest form.
pub fn integer(out: &mut Vec<u8>, integer: i64) {
    let bytes = integer.to_be_bytes();
    match integer {
        -32..=127 => out.push(bytes[7]),
        128..=0xff => out.extend_from_slice(&[0xcc, bytes[7]]),
        0x100..=0xffff => out.extend_from_slice(&[0xcd, bytes[6], bytes[7]]),
        0x1_0000..=0xffff_ffff => tagged(out, 0xce, &bytes[4..]),
        0x1_0000_0000.. => tagged(out, 0xcf, &bytes),
        -128..=-33 => out.extend_from_slice(&[0xd0, bytes[7]]),
        -0x8000..=-129 => out.extend_from_slice(&[0xd1, bytes[6], bytes[7]]),
        -0x8000_0000..=-0x8001 => tagged(out, 0xd2, &bytes[4..]),
        _ => tagged(out, 0xd3, &bytes),
    }
}

/// Adds a value.
pub fn encode(out: &mut Vec<u8>, value: &Value, links: &mut dyn Links) -> Result<()> {
    nested(out, value, links, 0)
}

fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend_from_slice(bytes);
}

/// Adds a length: in the tag itself up to a largest one, else in one, two or four bytes. A tag 0 is one that there is not.
fn head(out: &mut Vec<u8>, len: usize, [short, largest]: [u8; 2], tags: [u8; 3]) -> Result<()> {
    let Ok(len) = u32::try_from(len) else {
        return Err(Error::conversion("a value of 4 GiB or more fits into no Lua state; send it in pieces"));
    };
    let bytes = len.to_be_bytes();
    match len {
        _ if len <= u32::from(largest) => out.push(short | bytes[3]),
        0..=0xff if tags[0] != 0 => out.extend_from_slice(&[tags[0], bytes[3]]),
        0..=0xffff => out.extend_from_slice(&[tags[1], bytes[2], bytes[3]]),
        _ => tagged(out, tags[2], &bytes),
    }
    Ok(())
}

fn nested(out: &mut Vec<u8>, value: &Value, links: &mut dyn Links, depth: usize) -> Result<()> {
    if depth > DEPTH {
        return Err(Error::conversion(format!("tables nest at most {DEPTH} deep; this one nests deeper")));
    }
    match value {
        Value::Nil => out.push(0xc0),
        Value::Boolean(flag) => out.push(0xc2 | u8::from(*flag)),
        Value::Integer(number) => integer(out, *number),
        Value::Float(number) => tagged(out, 0xcb, &number.to_be_bytes()),
        Value::String(text) => string(out, text.as_bytes())?,
        Value::Sequence(values) => {
            array(out, values.len())?;
            for value in values {
                nested(out, value, links, depth + 1)?;
            }
        }
        Value::Map(map) => {
            head(out, map.len(), [0x80, 15], [0, 0xde, 0xdf])?;
            for (key, value) in map {
                check_key(key)?;
                nested(out, key, links, depth + 1)?;
                nested(out, value, links, depth + 1)?;
            }
        }
        Value::Function(function) => {
            let handle = links.handle(function)?;
            extended(out, extension::HANDLE, handle);
        }
        Value::Object(object) => {
            let number = links.number(object);
            extended(out, extension::REFERENCE, number);
        }
    }
    Ok(())
}

fn extended(out: &mut Vec<u8>, kind: u8, number: u32) {
    out.extend_from_slice(&[0xd6, kind]);
    out.extend_from_slice(&number.to_be_bytes());
}

/// Lua's tables have no such keys, so nothing could be done with the entry.
fn check_key(key: &Value) -> Result<()> {
    match key {
        Value::Float(number) if number.is_nan() => Err(Error::conversion("NaN cannot be a table's key")),
        _ => Ok(()),
    }
}

/// The value that `bytes` are. The module sends nothing that is malformed; a damaged instance might.
pub fn decode(bytes: &[u8], links: &mut dyn Links) -> Result<Value> {
    let mut decoder = Decoder { bytes, links };
    let value = decoder.value(0)?;
    if decoder.bytes.is_empty() { Ok(value) } else { Err(malformed()) }
}

/// The values of the array that `bytes` are.
pub fn decode_array(bytes: &[u8], links: &mut dyn Links) -> Result<Vec<Value>> {
    match decode(bytes, links)? {
        Value::Sequence(values) => Ok(values),
        _ => Err(malformed()),
    }
}

fn malformed() -> Error {
    Error::poisoned("the module sent what is no MessagePack of its own, so its memory is damaged")
}

struct Decoder<'a> {
    bytes: &'a [u8],
    links: &'a mut dyn Links,
}

impl Decoder<'_> {
    fn take(&mut self, len: usize) -> Result<&[u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or_else(malformed)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.take(N)?.try_into().expect("so many bytes"))
    }

    /// A length in so many bytes.
    fn len(&mut self, bytes: usize) -> Result<usize> {
        Ok(self.take(bytes)?.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)))
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        // Arguments and results are one array around what may nest.
        if depth > DEPTH + 1 {
            return Err(malformed());
        }
        let [tag] = self.array()?;
        Ok(match tag {
            0..=0x7f => Value::Integer(i64::from(tag)),
            0x80..=0x8f => self.map(usize::from(tag & 15), depth)?,
            0x90..=0x9f => self.sequence(usize::from(tag & 15), depth)?,
            0xa0..=0xbf => self.string(usize::from(tag & 31))?,
            0xc0 => Value::Nil,
            0xc2 | 0xc3 => Value::Boolean(tag == 0xc3),
            0xc4..=0xc6 => {
                let len = self.len(1 << (tag - 0xc4))?;
                self.string(len)?
            }
            0xca => Value::Float(f64::from(f32::from_be_bytes(self.array()?))),
            0xcb => Value::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Value::Integer(i64::from(u8::from_be_bytes(self.array()?))),
            0xcd => Value::Integer(i64::from(u16::from_be_bytes(self.array()?))),
            0xce => Value::Integer(i64::from(u32::from_be_bytes(self.array()?))),
            0xcf | 0xd3 => Value::Integer(i64::from_be_bytes(self.array()?)),
            0xd0 => Value::Integer(i64::from(i8::from_be_bytes(self.array()?))),
            0xd1 => Value::Integer(i64::from(i16::from_be_bytes(self.array()?))),
            0xd2 => Value::Integer(i64::from(i32::from_be_bytes(self.array()?))),
            0xd6 => self.link()?,
            0xd9..=0xdb => {
                let len = self.len(1 << (tag - 0xd9))?;
                self.string(len)?
            }
            0xdc | 0xdd => {
                let len = self.len(2 << (tag - 0xdc))?;
                self.sequence(len, depth)?
            }
            0xde | 0xdf => {
                let len = self.len(2 << (tag - 0xde))?;
                self.map(len, depth)?
            }
            0xe0.. => Value::Integer(i64::from(tag.cast_signed())),
            _ => return Err(malformed()),
        })
    }

    fn string(&mut self, len: usize) -> Result<Value> {
        Ok(Value::String(LuaString::from(self.take(len)?)))
    }

    fn sequence(&mut self, len: usize, depth: usize) -> Result<Value> {
        // Each value has a byte at least, so a length that lies takes no memory.
        let mut values = Vec::with_capacity(len.min(self.bytes.len()));
        for _ in 0..len {
            values.push(self.value(depth + 1)?);
        }
        Ok(Value::Sequence(values))
    }

    fn map(&mut self, len: usize, depth: usize) -> Result<Value> {
        let mut map = Map::new();
        for _ in 0..len {
            let key = self.value(depth + 1)?;
            map.push(key, self.value(depth + 1)?);
        }
        Ok(Value::Map(map))
    }

    fn link(&mut self) -> Result<Value> {
        let [kind] = self.array()?;
        let number = u32::from_be_bytes(self.array()?);
        match kind {
            extension::HANDLE => Ok(Value::Function(self.links.function(number))),
            extension::REFERENCE => Ok(Value::Object(self.links.object(number))),
            _ => Err(malformed()),
        }
    }
}
