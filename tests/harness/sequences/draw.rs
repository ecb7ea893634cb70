//! What the bytes of a sequence stand for.

use super::{Call, Data, Instance, Meaning, RECORD, ZONES};
use crate::model::{OPTIONS, VALUES};
use crate::option;
use crate::scripts::{FUNCTIONS, MALFORMED, SCRIPTS};
use crate::values::{Value, pack};

/// What the host hands over.
const ANSWERS: &[&[Value]] = &[
    &[],
    &[Value::Integer(3)],
    &[Value::Boolean(false)],
    &[Value::Nil, Value::Integer(-129), Value::Boolean(true)],
    &[Value::Integer(1 << 40)],
    &[Value::Array(&[Value::Integer(5), Value::Nil])],
    &[Value::Reference(5), Value::Reference(u32::MAX)],
    &[Value::Reference(5)],
    &[Value::Array(&[Value::Reference(6), Value::Reference(5)])],
    &[Value::EmptyMap, Value::Array(&[Value::Nil, Value::Nil])],
];

impl Instance {
    /// A number at which something may change.
    fn number(&mut self, kind: u8, detail: u8) -> u32 {
        const FIXED: [u32; 16] = [
            0,
            1,
            7,
            15,
            16,
            17,
            255,
            4096,
            65_535,
            65_536,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_0000,
            0xffff_fff0,
            0xffff_fff8,
            0xffff_ffff,
        ];
        let near = [0, 0, 1, u32::MAX, 16, 16_u32.wrapping_neg(), 17, 8][usize::from(detail >> 5)];
        let buffer = self.model.buffers.get(usize::from(detail & 31) % self.model.buffers.len().max(1));
        let buffer = buffer.map_or(self.gone, |buffer| (buffer.ptr, buffer.contents.len() as u32));
        let place = match kind % 8 {
            0 => return FIXED[usize::from(detail) % FIXED.len()],
            1 => return u32::from(detail),
            2 => buffer.0,
            3 => buffer.1,
            4 => self.size(),
            5 => self.gone.0,
            6 => self.lua.call("result_ptr", ()),
            _ => self.lua.call("output_ptr", ()),
        };
        place.wrapping_add(near)
    }

    /// A live buffer, or else the last one that was.
    fn buffer(&self, detail: u8) -> (u32, u32) {
        let buffer = self.model.buffers.get(usize::from(detail) % self.model.buffers.len().max(1));
        buffer.map_or(self.gone, |buffer| (buffer.ptr, buffer.contents.len() as u32))
    }

    /// Where something lies, or where nothing does.
    fn region(&mut self, [kind, a, b, c]: [u8; 4]) -> (u32, u32) {
        match kind % 4 {
            0 | 1 => self.buffer(a),
            _ => (self.number(kind >> 2, a), self.number(b, c)),
        }
    }

    pub(super) fn decode(&mut self, [kind, a, b, c, d, e, f, g]: [u8; RECORD]) -> Call {
        match kind {
            0..=54 => Call::Run { script: self.script(a) },
            55..=56 => Call::Tasks,
            57..=58 => Call::Request { task: self.task(a) },
            59..=64 => Call::Eval { data: self.source([a, b, c, d]) },
            65..=80 => Call::Resume { task: self.task(a), data: self.values([b, c, d, e]) },
            81..=88 => Call::Raise { task: self.task(a), data: self.value_to_raise([b, c, d, e]) },
            89..=93 => Call::Cancel { task: self.task(a) },
            94..=101 => Call::Function { data: self.function([a, b, c, d]) },
            102..=105 => Call::Release { data: self.handles([a, b, c, d]) },
            106..=107 => Call::Compact,
            108..=126 => Call::Alloc { len: self.number(a, b) },
            127..=144 => {
                let (ptr, len) = self.region([a, b, c, d]);
                Call::Dealloc { ptr, len }
            }
            145..=156 => {
                let (ptr, len) = self.region([a, b, c, d]);
                Call::Compute { ptr, len }
            }
            157..=160 => {
                Call::Compute { ptr: self.lua.call("result_ptr", ()), len: self.lua.call("result_len", ()) }
            }
            161..=180 => {
                Call::WriteFile { name: self.region([a, b, c, d]), contents: self.region([d, e, f, g]) }
            }
            181..=186 => Call::WriteInput { bytes: if a < 40 { (0, 0) } else { self.region([b, c, d, e]) } },
            187..=200 => Call::ReadFile { name: self.region([a, b, c, d]) },
            201..=204 => Call::Set { key: option::INPUT, value: f64::from(a % 4).min(1.0) },
            205..=207 if a < 200 => Call::TimeZone { zone: usize::from(a) % ZONES.len() },
            205..=207 => Call::NoTimeZone { text: self.region([b, c, d, e]) },
            208..=230 => {
                let key =
                    if a % 8 == 0 { self.number(b, c) } else { OPTIONS[usize::from(a) % OPTIONS.len()].0 };
                // As many as the engine gives, or fewer.
                let few = key == option::PAGES && d % 2 == 0;
                Call::Set { key, value: if few { f64::from(e % 20) } else { self.value(d, e) } }
            }
            231..=232 => Call::RemoveFile { name: self.region([a, b, c, d]) },
            233..=234 => Call::ListFiles,
            235..=236 => Call::ErrorOutputClear,
            237 => match a % 4 {
                0 => Call::Get { key: self.number(b, c) },
                _ => Call::Dropped,
            },
            238..=240 => Call::OutputClear,
            241..=247 => Call::Reset,
            248..=255 => Call::Restore { fresh: a % 2 == 0 },
        }
    }

    fn value(&mut self, kind: u8, detail: u8) -> f64 {
        match kind % 4 {
            0 => VALUES[usize::from(detail) % VALUES.len()],
            1 => f64::from(detail % 2),
            // Limits that runs reach.
            2 if kind & 4 == 0 => f64::from(detail) * 4096.0,
            2 => f64::from(detail) * 16.0,
            _ => f64::from(self.number(kind >> 2, detail)),
        }
    }

    /// A script; one that takes long only where a limit stops it.
    fn script(&self, detail: u8) -> usize {
        let script = usize::from(detail) % SCRIPTS.len();
        let stopped = self.model.scarce(option::FUEL) || self.model.scarce(option::SLICE);
        if SCRIPTS[script].long && !stopped { 0 } else { script }
    }

    /// A task that waits, as a rule.
    fn task(&mut self, detail: u8) -> i32 {
        match detail {
            0..=15 => self.model.latest.wrapping_add(i32::from(detail) - 12),
            16..=19 => self.number(detail, detail << 4) as i32,
            20..=99 => self.model.last,
            _ => match self.model.tasks.len() {
                0 => self.model.last,
                count => self.model.tasks[usize::from(detail) % count].id,
            },
        }
    }

    fn handle(&mut self, kind: u8, detail: u8) -> u32 {
        match self.model.handles.len() {
            count if count > 0 && !kind.is_multiple_of(4) => self.model.handles[usize::from(detail) % count],
            _ => self.number(kind, detail),
        }
    }

    fn malformed(detail: u8) -> Data {
        let bytes = MALFORMED[usize::from(detail) % MALFORMED.len()];
        Data::Bytes(bytes.to_vec(), Meaning::Malformed)
    }

    /// An array for `resume`.
    fn values(&mut self, [kind, a, b, c]: [u8; 4]) -> Data {
        match kind {
            0..=15 => Data::Region(self.region([a, b, c, kind])),
            16..=47 => Self::malformed(a),
            // A task that is paused takes none.
            48..=127 => Data::Bytes(Vec::new(), Meaning::Values(Vec::new())),
            _ => {
                let values = match a {
                    0..=63 => vec![Value::Text("\u{e9}x".repeat(usize::from(b)).into_bytes())],
                    64..=71 => vec![Value::Text(vec![0xff; usize::from(b)])],
                    _ => ANSWERS[usize::from(a) % ANSWERS.len()].to_vec(),
                };
                Data::Bytes(pack(&values), Meaning::Values(values))
            }
        }
    }

    /// A single value for `raise`.
    fn value_to_raise(&mut self, [kind, a, b, c]: [u8; 4]) -> Data {
        let value = match kind {
            0..=15 => return Data::Region(self.region([a, b, c, kind])),
            16..=47 => {
                let bytes: &[&[u8]] = &[&[], &[0xc1], &[0x01, 0x02], &[0xa5, 0x78]];
                return Data::Bytes(bytes[usize::from(a) % bytes.len()].to_vec(), Meaning::Malformed);
            }
            48..=80 => Value::Integer(7),
            81..=100 => Value::Boolean(true),
            _ => Value::Text(b"raised".to_vec()),
        };
        let mut bytes = Vec::new();
        value.pack(false, &mut bytes);
        Data::Bytes(bytes, Meaning::Values(vec![value]))
    }

    /// An array for `call`.
    fn function(&mut self, [kind, a, b, c]: [u8; 4]) -> Data {
        match kind {
            0..=15 => Data::Region(self.region([a, b, c, kind])),
            16..=47 => Self::malformed(a),
            48..=63 => {
                let bytes: &[&[u8]] = &[&[0x90], &[0x91, 0x01], &[0x92, 0xc0, 0x01], &[]];
                Data::Bytes(bytes[usize::from(a) % bytes.len()].to_vec(), Meaning::Malformed)
            }
            64..=127 => {
                let handle = self.handle(a, b);
                let id = handle.to_be_bytes();
                Data::Bytes([&[0x92, 0xd6, 1][..], &id, &[5]].concat(), Meaning::Handle(handle))
            }
            _ => {
                let path = usize::from(a) % FUNCTIONS.len();
                Data::Bytes(FUNCTIONS[path].0.to_vec(), Meaning::Path(path))
            }
        }
    }

    /// An array for `eval`. The name is one that shows as the source does.
    fn source(&mut self, [kind, a, b, c]: [u8; 4]) -> Data {
        match kind {
            0..=15 => Data::Region(self.region([a, b, c, kind])),
            16..=31 => Self::malformed(a),
            32..=47 => {
                let bytes: &[&[u8]] =
                    &[&[0x90], &[0x91, 0xc0], &[0x92, 0xa1, 0x78, 0x01], &[0x92, 0xc0, 0xa0]];
                Data::Bytes(bytes[usize::from(a) % bytes.len()].to_vec(), Meaning::Malformed)
            }
            _ => {
                let script = self.script(a);
                let text = Value::Text(SCRIPTS[script].source.as_bytes().to_vec());
                let name = if b % 2 == 0 { Value::Nil } else { text.clone() };
                let mut values = vec![text, name, Value::Integer(1), Value::Boolean(true)];
                values.truncate(1 + usize::from(b >> 6));
                Data::Bytes(pack(&values), Meaning::Source(script))
            }
        }
    }

    /// An array for `release`: one handle, or a few of which one may not be in force.
    fn handles(&mut self, [kind, a, b, c]: [u8; 4]) -> Data {
        match kind {
            0..=15 => Data::Region(self.region([a, b, c, kind])),
            16..=31 => {
                let bytes: &[&[u8]] =
                    &[&[], &[0xc1], &[0x01], &[0x92, 0x01], &[0x91, 0xa0], &[0x91, 0x91, 0x01]];
                Data::Bytes(bytes[usize::from(a) % bytes.len()].to_vec(), Meaning::Malformed)
            }
            32..=127 => {
                let ids = [(a, b), (b, c), (c, a)].map(|(a, b)| self.handle(a, b));
                list(&ids[..usize::from(kind) % 4])
            }
            _ => list(&[self.handle(a, b)]),
        }
    }
}

/// The handles as an array, every other one as an integer.
pub(super) fn list(ids: &[u32]) -> Data {
    let mut bytes = vec![0x90 | ids.len() as u8];
    for (index, id) in ids.iter().enumerate() {
        if index % 2 == 0 {
            bytes.extend([0xd6, 1]);
        } else {
            bytes.push(0xce);
        }
        bytes.extend(id.to_be_bytes());
    }
    Data::Bytes(bytes, Meaning::Handles(ids.to_vec()))
}
