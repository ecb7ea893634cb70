//! Snapshots as they are stored: a header that says what they are, then all of memory.
//!
//! Between calls an instance is its linear memory, so the payload is a copy of it. Numbers are little endian.
//!
//! | offset | bytes | field |
//! |---:|---:|---|
//! | 0 | 8 | the letters `MOONSNAP` |
//! | 8 | 4 | version of this form, 1 |
//! | 12 | 4 | `abi_version()` |
//! | 16 | 4 | version of Lua, `get(38)`: 504 or 505 |
//! | 20 | 4 | pages of 64 KiB that memory has |
//! | 24 | 32 | build id, the bytes at `build_id_ptr()` |
//! | 56 | 8 | length of the payload: pages times 65,536 |
//! | 64 | 32 | SHA-256 of the payload |
//! | 96 | 32 | SHA-256 of the 96 bytes before it |
//! | 128 | | the payload |
//!
//! Nothing follows the payload. A host that compresses compresses the whole, header included, so that these checks see
//! what comes out of the decompressor.
//!
//! Whoever restores checks in this order, and touches no byte of the instance before all of it holds: there is a whole
//! header; the letters; the version of the form; the header's hash; the build id; pages against the length of the payload;
//! the length against what is there; the payload's hash; the instance, which must not be poisoned, nor have more pages
//! than the snapshot. The hashes tell damage, not intent: a snapshot from a stranger is a program of a stranger, and can
//! do to its instance, and to nothing else, what it likes.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Lua, option, status};

/// What a stored snapshot starts with.
pub const MAGIC: &[u8; 8] = b"MOONSNAP";
/// The version of the stored form.
pub const FORMAT: u32 = 1;
/// Bytes before the payload.
pub const HEADER: usize = 128;
/// Bytes of the header that its own hash covers.
const HASHED: usize = 96;
const PAGE: usize = 64 * 1024;

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
    /// The instance was torn down by the engine.
    Poisoned,
    /// The instance has more memory than the snapshot.
    NotFresh { pages: u32, instance: u64 },
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
                write!(f, "the instance was torn down by the engine; restore a snapshot into a new instance")
            }
            Self::NotFresh { pages, instance } => write!(
                f,
                "the instance has {instance} pages of memory, and the snapshot {pages}; restore it into a new instance"
            ),
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
    /// The pages that the payload fills.
    pub pages: u32,
    /// All of memory.
    pub payload: &'a [u8],
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
        if length != u64::from(pages) * PAGE as u64 {
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
    let payload = lua.memory.data(&lua.store);
    let pages = u32::try_from(payload.len() / PAGE).expect("less than 4 GiB");
    Ok(Snapshot { abi, lua: version, build, pages, payload }.encode())
}

/// Makes the instance what it was when `bytes` were saved, or leaves it as it is.
pub fn restore(lua: &mut Lua, bytes: &[u8]) -> Result<(), Error> {
    let snapshot = Snapshot::decode_for(bytes, Some(build_id(lua)))?;
    if lua.call::<_, i32>("status", ()) == status::POISONED {
        return Err(Error::Poisoned);
    }
    let (pages, instance) = (snapshot.pages, lua.memory.size(&lua.store));
    let more = u64::from(pages).checked_sub(instance).ok_or(Error::NotFresh { pages, instance })?;
    lua.memory.grow(&mut lua.store, more).map_err(|_| Error::NoMemory { pages })?;
    lua.memory.write(&mut lua.store, 0, snapshot.payload).expect("memory has the snapshot's size");
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
