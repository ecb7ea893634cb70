//! An instance with bytes put in and taken out: what every call of an export needs, and nothing of Lua.

use crate::engine::{Export, Instance, Trap};
use crate::numbers::{info, option, status};
use crate::object::Objects;
use crate::{Error, ErrorKind, Result};

/// Bytes of the instance's memory that small data goes through, so that few calls need a buffer made for them.
pub const ROOM: usize = 4096;

/// The bytes of a page of memory.
pub const PAGE: usize = 65_536;

/// The bytes of the info block.
const INFO: usize = 64;

/// The info block, as the last export left it.
#[derive(Clone, Copy)]
pub struct Info([u8; INFO]);

impl Info {
    fn word(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.0[at..at + 4].try_into().expect("four bytes"))
    }

    fn number(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.0[at..at + 8].try_into().expect("eight bytes"))
    }

    pub fn status(&self) -> i32 {
        self.word(info::STATUS).cast_signed()
    }

    pub fn task(&self) -> u32 {
        self.word(info::TASK)
    }

    pub fn fuel_used(&self) -> f64 {
        self.number(info::FUEL_USED)
    }

    pub fn output_len(&self) -> u32 {
        self.word(info::OUTPUT_LEN)
    }

    pub fn error_output_len(&self) -> u32 {
        self.word(info::ERROR_OUTPUT_LEN)
    }

    pub fn dropped(&self) -> u32 {
        self.word(info::DROPPED)
    }
}

pub struct Machine {
    instance: Box<dyn Instance>,
    info: u32,
    /// Bits of the libraries that the module holds.
    held: u32,
    /// A buffer of [`ROOM`] bytes in the instance; 0 while there is none.
    room: u32,
    pub objects: Objects,
}

/// The error for an instance that names bytes that it has not.
fn outside() -> Error {
    Error::poisoned("the module names bytes outside its memory, so that is damaged")
}

/// The error for a call that was torn down.
fn torn(trap: Trap) -> Error {
    Error::poisoned(&trap.0)
}

impl Machine {
    pub fn new(mut instance: Box<dyn Instance>) -> Result<Self> {
        let info = instance.call(Export::InfoPtr, [0; 4]).map_err(torn)?.cast_unsigned();
        let held = instance.get(option::HELD_LIBRARIES).map_err(torn)?;
        Ok(Self { instance, info, held: held as u32, room: 0, objects: Objects::default() })
    }

    /// The instance itself.
    pub fn instance(&mut self) -> &mut dyn Instance {
        &mut *self.instance
    }

    /// Whether the module holds the library, by its bit.
    pub fn holds(&self, library: u32) -> bool {
        self.held & library != 0
    }

    /// Calls an export.
    pub fn call(&mut self, export: Export, arguments: [u32; 4]) -> Result<i32> {
        self.instance.call(export, arguments).map_err(torn)
    }

    /// Bytes of memory. A damaged instance may name any.
    pub fn bytes(&mut self, ptr: u32, len: u32) -> Result<Vec<u8>> {
        // No length that lies takes memory.
        let all = u64::from(self.instance.pages()) * PAGE as u64;
        let mut bytes = vec![0; if u64::from(len) <= all { len as usize } else { 0 }];
        if bytes.len() == len as usize && self.instance.read(ptr, &mut bytes) {
            Ok(bytes)
        } else {
            Err(outside())
        }
    }

    pub fn info(&mut self) -> Result<Info> {
        let mut block = [0; INFO];
        if self.instance.read(self.info, &mut block) { Ok(Info(block)) } else { Err(outside()) }
    }

    /// The result of the last call.
    pub fn result(&mut self, info: &Info) -> Result<Vec<u8>> {
        self.bytes(info.word(info::RESULT_PTR), info.word(info::RESULT_LEN))
    }

    /// What was printed since this was asked last.
    pub fn take_output(&mut self, info: &Info) -> Result<Vec<u8>> {
        let bytes = self.bytes(info.word(info::OUTPUT_PTR), info.output_len())?;
        self.call(Export::OutputClear, [0; 4])?;
        Ok(bytes)
    }

    /// As [`take_output`](Self::take_output), of the error output.
    pub fn take_error_output(&mut self, info: &Info) -> Result<Vec<u8>> {
        let bytes = self.bytes(info.word(info::ERROR_OUTPUT_PTR), info.error_output_len())?;
        self.call(Export::ErrorOutputClear, [0; 4])?;
        Ok(bytes)
    }

    /// Sets an option to a value it can have.
    pub fn set(&mut self, key: u32, value: f64) -> Result<()> {
        match self.instance.set(key, value).map_err(torn)? {
            status::OK => Ok(()),
            status::POISONED => Err(Error::still_poisoned()),
            refused => {
                let message = match refused {
                    status::BAD_STATE => format!(
                        "the option {key} cannot be {value} now, or in a mini variant; take Version::Lua54 or Version::Lua55 there"
                    ),
                    _ => format!("the option {key} cannot be {value} now"),
                };
                Err(Error::new(ErrorKind::Refused, message).with_status(refused))
            }
        }
    }

    pub fn get(&mut self, key: u32) -> Result<f64> {
        let value = self.instance.get(key).map_err(torn)?;
        if value.is_nan() { Err(Error::still_poisoned()) } else { Ok(value) }
    }

    /// Calls an export whose last two arguments are data: what it answers.
    pub fn give(&mut self, export: Export, before: Option<u32>, data: &[u8]) -> Result<i32> {
        let (ptr, len) = self.put(data)?;
        let arguments = match before {
            Some(first) => [first, ptr, len, 0],
            None => [ptr, len, 0, 0],
        };
        let answer = self.call(export, arguments)?;
        self.take_back(ptr, len)?;
        Ok(answer)
    }

    /// Calls `write_file`.
    pub fn give_file(&mut self, name: &[u8], contents: &[u8]) -> Result<i32> {
        let both = [name, contents].concat();
        let (ptr, len) = self.put(&both)?;
        let name = name.len() as u32;
        let answer = self.call(Export::WriteFile, [ptr, name, ptr + name, len - name])?;
        self.take_back(ptr, len)?;
        Ok(answer)
    }

    /// Puts data into the instance.
    fn put(&mut self, data: &[u8]) -> Result<(u32, u32)> {
        if data.is_empty() {
            return Ok((0, 0));
        }
        if data.len() <= ROOM && self.room == 0 {
            self.room = self.call(Export::Alloc, [ROOM as u32, 0, 0, 0])?.cast_unsigned();
        }
        let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let ptr = if data.len() <= ROOM && self.room != 0 {
            self.room
        } else {
            self.call(Export::Alloc, [len, 0, 0, 0])?.cast_unsigned()
        };
        if ptr == 0 || !self.instance.write(ptr, data) {
            return Err(self.no_room(data.len()));
        }
        Ok((ptr, len))
    }

    /// Why `alloc` answered 0.
    fn no_room(&mut self, len: usize) -> Error {
        if self.info().is_ok_and(|info| info.status() == status::POISONED) {
            return Error::still_poisoned();
        }
        let message = format!("the state has no memory for {len} bytes of data; give it a larger limit");
        Error::new(ErrorKind::Refused, message).with_status(status::TOO_BIG)
    }

    fn take_back(&mut self, ptr: u32, len: u32) -> Result<()> {
        if ptr != 0 && ptr != self.room {
            self.call(Export::Dealloc, [ptr, len, 0, 0])?;
        }
        Ok(())
    }

    /// Gives the buffer back, as nobody could once it is part of a snapshot.
    pub fn leave_room(&mut self) -> Result<()> {
        let room = std::mem::take(&mut self.room);
        if room != 0 {
            self.call(Export::Dealloc, [room, ROOM as u32, 0, 0])?;
        }
        Ok(())
    }

    /// Forgets the buffer: memory is another one.
    pub fn forget_room(&mut self) {
        self.room = 0;
    }

    /// Collects all garbage; the bytes in use.
    pub fn compact(&mut self) -> Result<f64> {
        let used = self.instance.compact().map_err(torn)?;
        if used.is_nan() { Err(Error::still_poisoned()) } else { Ok(used) }
    }

    /// 504 or 505.
    pub fn lua_version(&mut self) -> Result<u32> {
        Ok(self.get(option::LUA_VERSION_NUM)? as u32)
    }

    /// What names the build.
    pub fn build_id(&mut self) -> Result<[u8; 32]> {
        let ptr = self.call(Export::BuildIdPtr, [0; 4])?.cast_unsigned();
        let mut id = [0; 32];
        if self.instance.read(ptr, &mut id) { Ok(id) } else { Err(outside()) }
    }
}
