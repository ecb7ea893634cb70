//! Values that cross the border, as the model knows them: how they are written, and how they come back.

/// A Lua value that crosses the border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Nil,
    /// `host.null`.
    Null,
    Boolean(bool),
    Integer(i64),
    Text(Vec<u8>),
    /// Shown with its address, or packed as a handle, which nobody knows before.
    Function,
    /// An object of the host's.
    Reference(u32),
    /// A table that is an array.
    Array(&'static [Self]),
    /// A table that is a map without entries.
    EmptyMap,
}

/// How bytes of a length are packed: the length below which one byte has both, and the markers of longer ones.
pub fn pack_length(out: &mut Vec<u8>, short: Option<(u8, usize)>, long: [u8; 3], len: usize) {
    match (short, len) {
        (Some((marker, end)), _) if len < end => out.push(marker | len as u8),
        (_, ..0x100) if long[0] != 0 => out.extend([long[0], len as u8]),
        (_, ..0x1_0000) => {
            out.push(long[1]);
            out.extend((len as u16).to_be_bytes());
        }
        _ => {
            out.push(long[2]);
            out.extend((len as u32).to_be_bytes());
        }
    }
}

fn pack_integer(out: &mut Vec<u8>, integer: i64) {
    let bytes = integer.to_be_bytes();
    let (marker, width) = match integer {
        -32..=127 => return out.push(integer as u8),
        128..=0xff => (0xcc, 1),
        0x100..=0xffff => (0xcd, 2),
        0x1_0000..=0xffff_ffff => (0xce, 4),
        0x1_0000_0000.. => (0xcf, 8),
        -0x80..=-33 => (0xd0, 1),
        -0x8000..=-0x81 => (0xd1, 2),
        -0x8000_0000..=-0x8001 => (0xd2, 4),
        _ => (0xd3, 8),
    };
    out.push(marker);
    out.extend_from_slice(&bytes[8 - width..]);
}

impl Value {
    /// Appends the value as MessagePack; a function as the handle 0. `bytes` lets every text be `bin`.
    pub fn pack(&self, bytes: bool, out: &mut Vec<u8>) {
        match self {
            Self::Nil | Self::Null => out.push(0xc0),
            Self::Boolean(boolean) => out.push(0xc2 | u8::from(*boolean)),
            Self::Integer(integer) => pack_integer(out, *integer),
            Self::Text(text) => {
                match std::str::from_utf8(text) {
                    Ok(_) if !bytes => pack_length(out, Some((0xa0, 32)), [0xd9, 0xda, 0xdb], text.len()),
                    _ => pack_length(out, None, [0xc4, 0xc5, 0xc6], text.len()),
                }
                out.extend_from_slice(text);
            }
            Self::Function => out.extend([0xd6, 1, 0, 0, 0, 0]),
            Self::Array(values) => {
                out.extend(array(values.len()));
                values.iter().for_each(|value| value.pack(bytes, out));
            }
            Self::EmptyMap => out.push(0x80),
            Self::Reference(number) => {
                out.extend([0xd6, 2]);
                out.extend(number.to_be_bytes());
            }
        }
    }

    /// Whether `tostring` shows its address.
    pub fn has_address(&self) -> bool {
        matches!(self, Self::Function | Self::Array(_) | Self::EmptyMap)
    }

    /// The references in it.
    pub fn references(&self) -> Vec<u32> {
        match self {
            Self::Reference(number) => vec![*number],
            Self::Array(values) => values.iter().flat_map(Self::references).collect(),
            _ => Vec::new(),
        }
    }

    /// What becomes of it on the way into Lua; `nulls` is the option NULLS.
    pub fn arrive(self, nulls: bool) -> Self {
        match self {
            Self::Array(mut values) if !nulls => {
                while let [rest @ .., Self::Nil] = values {
                    values = rest;
                }
                Self::Array(values)
            }
            value => value,
        }
    }

    /// As `tostring` shows it; of what has an address the start.
    pub fn show(&self) -> Vec<u8> {
        match self {
            Self::Nil => b"nil".to_vec(),
            Self::Boolean(boolean) => boolean.to_string().into_bytes(),
            Self::Integer(integer) => integer.to_string().into_bytes(),
            Self::Text(text) => text.clone(),
            Self::Function => b"function: ".to_vec(),
            Self::Null => b"null".to_vec(),
            Self::Reference(number) => format!("reference: {number}").into_bytes(),
            Self::Array(_) | Self::EmptyMap => b"table: ".to_vec(),
        }
    }
}

/// The head of an array of so many values.
pub fn array(len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    pack_length(&mut out, Some((0x90, 16)), [0, 0xdc, 0xdd], len);
    out
}

/// An array of the values as MessagePack, as a host sends them.
pub fn pack(values: &[Value]) -> Vec<u8> {
    Form { text: false, bytes: false }.write(values)
}

/// The form of what leaves an instance.
#[derive(Clone, Copy)]
pub struct Form {
    /// Text, or else MessagePack.
    pub text: bool,
    /// Whether every string is `bin`.
    pub bytes: bool,
}

impl Form {
    /// The values in this form.
    pub fn write(self, values: &[Value]) -> Vec<u8> {
        if self.text {
            return values.iter().map(Value::show).collect::<Vec<_>>().join(&b'\t');
        }
        let mut out = array(values.len());
        values.iter().for_each(|value| value.pack(self.bytes, &mut out));
        out
    }
}

/// Whether `bytes` are the values in that form; the handles among them, then.
pub fn read(values: &[Value], form: Form, bytes: &[u8]) -> Option<Vec<u32>> {
    let text = form.text;
    let mut handles = Vec::new();
    let mut rest = bytes;
    if !text {
        rest = rest.strip_prefix(array(values.len()).as_slice())?;
    }
    for (index, value) in values.iter().enumerate() {
        if text && index > 0 {
            rest = rest.strip_prefix(b"\t")?;
        }
        match value {
            value if text && value.has_address() => {
                rest = rest.strip_prefix(value.show().as_slice())?;
                rest = &rest[rest.iter().position(|byte| *byte == b'\t').unwrap_or(rest.len())..];
            }
            Value::Function => {
                let (id, after) = rest.strip_prefix(&[0xd6, 1])?.split_first_chunk()?;
                handles.push(u32::from_be_bytes(*id));
                rest = after;
            }
            value => {
                let mut wanted = Vec::new();
                if text {
                    wanted = value.show()
                } else {
                    value.pack(form.bytes, &mut wanted)
                }
                rest = rest.strip_prefix(wanted.as_slice())?;
            }
        }
    }
    rest.is_empty().then_some(handles)
}
