//! What the header of a snapshot says.

use anyhow::{Result, bail};

use crate::options::LuaVersion;

const MAGIC: &[u8] = b"MOONSNAP";
const LENGTH: usize = 128;
/// Bytes of a stored page: its number, and what it has.
const RECORD: u64 = 65_540;

/// The header of a snapshot.
#[derive(Debug)]
pub struct Header {
    pub form: u32,
    /// 504 or 505.
    pub lua: u32,
    /// Pages that memory needs.
    pub pages: u32,
    /// Pages that are stored.
    pub stored: u64,
    pub build: [u8; 32],
}

impl Header {
    /// Whether a file looks like a snapshot.
    pub fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Reads it. Whether the snapshot is whole is for who restores it to see.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if !Self::begins(bytes) {
            bail!("it is no snapshot");
        }
        let Some(header) = bytes.get(..LENGTH) else { bail!("the snapshot is cut short") };
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
        let length = u64::from_le_bytes(header[56..64].try_into().expect("eight bytes"));
        Ok(Self {
            form: word(8),
            lua: word(16),
            pages: word(20),
            stored: length / RECORD,
            build: header[24..56].try_into().expect("32 bytes"),
        })
    }

    /// The version of Lua that it is of.
    pub fn version(&self) -> Result<LuaVersion> {
        match self.lua {
            504 => Ok(LuaVersion::Lua54),
            505 => Ok(LuaVersion::Lua55),
            other => {
                bail!("the snapshot is of a Lua with the number {other}, which this moonlet does not have")
            }
        }
    }
}
