//! Snapshots as they are stored: a header that says what they are, then the pages of memory that hold anything.
//!
//! Between calls an instance is its linear memory. A page of zeros is left out, as memory of any size that is zero beyond is the
//! same instance. Numbers are little endian.
//!
//! | offset | bytes | field |
//! |---:|---:|---|
//! | 0 | 8 | the letters `MOONSNAP` |
//! | 8 | 4 | version of this form, 2 |
//! | 12 | 4 | `abi_version()` |
//! | 16 | 4 | version of Lua, `get(38)`: 504 or 505 |
//! | 20 | 4 | pages of 64 KiB that memory has at least: one more than the number of the last page in the payload |
//! | 24 | 32 | build id, the bytes at `build_id_ptr()` |
//! | 56 | 8 | length of the payload: pages in it times 65,540 |
//! | 64 | 32 | SHA-256 of the payload |
//! | 96 | 32 | SHA-256 of the 96 bytes before it |
//! | 128 | | the payload: each page that holds a byte other than 0, in order: its number (4 bytes), its 65,536 bytes |
//!
//! Nothing follows the payload. A host that compresses compresses the whole, header included, so that these checks see
//! what comes out of the decompressor.
//!
//! Whoever restores checks in this order, and touches no byte of the instance before all of it holds: there is a whole
//! header; the letters; the version of the form; the header's hash; the build id; the length against what is there; the
//! payload's hash; the numbers of the pages, which ascend to the header's last one. Then memory is grown to the pages that it
//! must have, which the engine may refuse, and every page of it is the snapshot's or zero: the instance may be a new one or one
//! that was used, of any size, poisoned too. The hashes tell damage, not intent: a snapshot from a stranger is a program of a
//! stranger, and can do to its instance, and to nothing else, what it likes.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Lua, option, status};

/// What a stored snapshot starts with.
pub const MAGIC: &[u8; 8] = b"MOONSNAP";
/// The version of the stored form.
pub const FORMAT: u32 = 2;
/// Bytes before the payload.
pub const HEADER: usize = 128;
/// Bytes of the header that its own hash covers.
const HASHED: usize = 96;
/// Bytes of a page.
pub const PAGE: usize = 64 * 1024;
/// Bytes of a page in the payload, with its number.
pub const RECORD: usize = 4 + PAGE;

/// Why a snapshot is not made or not restored. The instance is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It does not start as a snapshot does.
    NotASnapshot,
    /// Bytes are missing at the end.
    CutShort { expected: u64, found: u64 },
    /// Bytes follow the payload.
    TooLong { expected: u64, found: u64 },
    /// It has a form that is not known here.
    Format(u32),
    /// The header is not what was written.
    DamagedHeader,
    /// The payload is not what was written.
    DamagedPayload,
    /// It belongs to another build of the module.
    OtherBuild { lua: u32, build: [u8; 32], instance: [u8; 32] },
    /// The instance was torn down by the engine, and is not worth saving.
    Poisoned,
    /// The engine gives the instance no more memory.
    NoMemory { pages: u32 },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASnapshot => write!(
                f,
                "this is no snapshot: it does not start with \"MOONSNAP\"; give a file that a snapshot was stored in"
            ),
            Self::CutShort { expected, found } => write!(
                f,
                "the snapshot is cut short: {found} of {expected} bytes are there; fetch it again, or restore an older one"
            ),
            Self::TooLong { expected, found } => write!(
                f,
                "the snapshot goes on after its end: {found} bytes instead of {expected}; store each in a file of its own"
            ),
            Self::Format(version) => write!(
                f,
                "the snapshot has form {version}, and form {FORMAT} is known here; use a newer release of this package, or, if \
                 no other form was ever stored, restore an older snapshot: this one is damaged"
            ),
            Self::DamagedHeader => {
                write!(f, "the snapshot's header is damaged; fetch it again, or restore an older one")
            }
            Self::DamagedPayload => {
                write!(f, "the snapshot's payload is damaged; fetch it again, or restore an older one")
            }
            Self::OtherBuild { lua, build, instance } => write!(
                f,
                "the snapshot was made by build {} (Lua {}.{}), and this instance is build {}; load the module file it was \
                 made with",
                hex(build),
                lua / 100,
                lua % 100,
                hex(instance)
            ),
            Self::Poisoned => {
                write!(f, "the instance was torn down by the engine; restore the last snapshot into it")
            }
            Self::NoMemory { pages } => {
                write!(f, "the engine refuses {pages} pages of memory; raise its limit for this instance")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The first eight bytes of a hash or id, in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stored snapshot that is what was written, of whatever build.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// `abi_version()` of the build.
    pub abi: u32,
    /// The version of Lua.
    pub lua: u32,
    /// The build that it belongs to.
    pub build: [u8; 32],
    /// The pages that memory has at least.
    pub pages: u32,
    /// The pages that hold anything, each behind its number.
    pub payload: &'a [u8],
}

/// The payload's pages of `memory`.
pub fn payload(memory: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (number, page) in (0u32..).zip(memory.chunks(PAGE)) {
        if page.iter().any(|byte| *byte != 0) {
            payload.extend_from_slice(&number.to_le_bytes());
            payload.extend_from_slice(page);
        }
    }
    payload
}

/// The numbers and bytes of the payload's pages.
fn records(payload: &[u8]) -> impl DoubleEndedIterator<Item = (u32, &[u8])> {
    payload.chunks_exact(RECORD).map(|record| (number(record, 0), &record[4..]))
}

/// The pages that memory has at least, by the last one in the payload.
fn pages(payload: &[u8]) -> u32 {
    records(payload).next_back().map_or(0, |(number, _)| number.saturating_add(1))
}

/// The bytes of `N` from `offset` on of a header, which is whole.
fn field<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("fields lie in the header")
}

fn number(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes(field(bytes, offset))
}

impl<'a> Snapshot<'a> {
    /// Reads the stored form, all of which must be as it was written.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::decode_for(bytes, None)
    }

    /// As [`decode`](Self::decode); another build than `instance` is refused, before the payload is looked at.
    fn decode_for(bytes: &'a [u8], instance: Option<[u8; 32]>) -> Result<Self, Error> {
        let found = bytes.len() as u64;
        if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
            return Err(Error::NotASnapshot);
        }
        if bytes.len() < HEADER {
            return Err(Error::CutShort { expected: HEADER as u64, found });
        }
        let format = number(bytes, 8);
        if format != FORMAT {
            return Err(Error::Format(format));
        }
        if Sha256::digest(&bytes[..HASHED]).as_slice() != &bytes[HASHED..HEADER] {
            return Err(Error::DamagedHeader);
        }
        let (abi, lua, pages, build) =
            (number(bytes, 12), number(bytes, 16), number(bytes, 20), field(bytes, 24));
        if let Some(instance) = instance.filter(|instance| *instance != build) {
            return Err(Error::OtherBuild { lua, build, instance });
        }
        let length = u64::from_le_bytes(field(bytes, 56));
        if length % RECORD as u64 != 0 || length / RECORD as u64 > u64::from(pages) {
            return Err(Error::DamagedHeader);
        }
        let (expected, payload) = (HEADER as u64 + length, &bytes[HEADER..]);
        if found != expected {
            return Err(if found < expected {
                Error::CutShort { expected, found }
            } else {
                Error::TooLong { expected, found }
            });
        }
        if *Sha256::digest(payload) != field::<32>(bytes, 64) {
            return Err(Error::DamagedPayload);
        }
        let ascending = records(payload).map(|(number, _)| number).is_sorted_by(|one, next| one < next);
        if !ascending || self::pages(payload) != pages {
            return Err(Error::DamagedPayload);
        }
        Ok(Self { abi, lua, build, pages, payload })
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.payload.len());
        bytes.extend_from_slice(MAGIC);
        for number in [FORMAT, self.abi, self.lua, self.pages] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.build);
        bytes.extend_from_slice(&(self.payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&Sha256::digest(self.payload));
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        bytes.extend_from_slice(self.payload);
        bytes
    }
}

fn build_id(lua: &mut Lua) -> [u8; 32] {
    let ptr: u32 = lua.call("build_id_ptr", ());
    lua.read(ptr, 32).try_into().expect("32 bytes")
}

/// The instance in the stored form.
pub fn save(lua: &mut Lua) -> Result<Vec<u8>, Error> {
    if lua.call::<_, i32>("status", ()) == status::POISONED {
        return Err(Error::Poisoned);
    }
    let (abi, build) = (lua.call("abi_version", ()), build_id(lua));
    let version = lua.get(option::LUA_VERSION_NUM) as u32;
    let payload = payload(lua.memory.data(&lua.store));
    Ok(Snapshot { abi, lua: version, build, pages: pages(&payload), payload: &payload }.encode())
}

/// Makes the instance, whatever it is, what it was when `bytes` were saved, or leaves it as it is.
pub fn restore(lua: &mut Lua, bytes: &[u8]) -> Result<(), Error> {
    let snapshot = Snapshot::decode_for(bytes, Some(build_id(lua)))?;
    let pages = snapshot.pages;
    let missing = u64::from(pages).saturating_sub(lua.memory.size(&lua.store));
    lua.memory.grow(&mut lua.store, missing).map_err(|_| Error::NoMemory { pages })?;
    let memory = lua.memory.data_mut(&mut lua.store);
    memory.fill(0);
    for (number, page) in records(snapshot.payload) {
        memory[number as usize * PAGE..][..PAGE].copy_from_slice(page);
    }
    Ok(())
}

/// Puts `bytes` into the file `path`, so that whatever happens meanwhile the file holds all of the old bytes or all of the
/// new ones, and the new ones once this returns: a temporary file beside it, fsync, rename, fsync of the folder.
pub fn store(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("temporary");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder(path)
}

/// Makes what happened to the entry `path` of its folder last.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().expect("a file lies in a folder"))?.sync_all()
}
