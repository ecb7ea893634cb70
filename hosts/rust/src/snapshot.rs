//! Snapshots: a state as bytes, in the stored form of ABI.md.

use sha2::{Digest, Sha256};

use crate::engine::Export;
use crate::machine::{Machine, PAGE};
use crate::numbers::status;
use crate::object::Objects;
use crate::state::State;
use crate::{Error, ErrorKind, Functions, Lua, Result};

const MAGIC: &[u8; 8] = b"MOONSNAP";
const FORM: u32 = 2;
const HEADER: usize = 128;
/// A page that a snapshot leaves out.
static ZEROS: [u8; PAGE] = [0; PAGE];
/// A page and its number.
const RECORD: usize = 4 + PAGE;

impl Lua {
    /// The state as bytes, which every host of Moonlet in any language restores. Garbage is collected first, finalizers included.
    ///
    /// Suspended tasks are in it, so it is usually taken while one waits. Functions and objects of the host are not.
    ///
    /// # Errors
    /// [`Poisoned`](ErrorKind::Poisoned) and [`Closed`](ErrorKind::Closed).
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        self.state().with(save)
    }

    /// Makes this state what another was when its snapshot was taken. It may be new, used, or poisoned, which this heals. Its options
    /// and host functions stay; functions of Lua that the host holds, and tasks, are no longer in force.
    ///
    /// A snapshot is a program with its data: its hashes tell damage, not intent. One from a stranger can do in this state whatever
    /// it likes, beyond the limits too, and nothing outside of it.
    ///
    /// # Errors
    /// [`Snapshot`](ErrorKind::Snapshot): the bytes are no snapshot of this build, or damaged; the state is as it was.
    pub fn restore(&self, snapshot: &[u8]) -> Result<()> {
        let state = self.state();
        let dropped = state.with(|machine| {
            let build = machine.build_id()?;
            let pages = check(snapshot, |of| of == build)?;
            write(machine, snapshot, pages)?;
            state.begin_life();
            machine.forget_room();
            state.settings.apply(machine)?;
            // Numbers of objects in the snapshot cannot be told from those to be given; a start at random keeps them apart.
            let next = number(snapshot, 64);
            Ok(std::mem::replace(&mut machine.objects, Objects::starting_at(next)))
        })?;
        // The lock is free: what the objects' `Drop` does is the host's.
        drop(dropped);
        Ok(())
    }

    /// Another state that is what this one is now: with its files, tasks, options, host functions and objects, but sharing nothing that a script
    /// can change.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot), and as [`LuaBuilder::build`](crate::LuaBuilder::build).
    pub fn fork(&self) -> Result<Self> {
        let (snapshot, objects) =
            self.state().with(|machine| Ok((save(machine)?, machine.objects.clone())))?;
        let functions = Functions(self.state().functions().clone());
        let fork = self.state().builder.clone().functions(&functions).bare(false)?;
        *fork.state().settings.options() = self.state().settings.options().clone();
        fork.restore(&snapshot)?;
        fork.state().with(|machine| {
            machine.objects = objects;
            Ok(())
        })?;
        Ok(fork)
    }
}

impl State {
    /// Drops the Lua state in the instance.
    pub fn reset(&self) -> Result<()> {
        let objects = self.with(|machine| {
            if machine.call(Export::Reset, [0; 4])? != status::OK {
                return Err(Error::still_poisoned());
            }
            self.begin_life();
            Ok(std::mem::take(&mut machine.objects))
        })?;
        drop(objects);
        Ok(())
    }
}

fn save(machine: &mut Machine) -> Result<Vec<u8>> {
    machine.leave_room()?;
    machine.compact()?;
    let abi = machine.call(Export::AbiVersion, [0; 4])?.cast_unsigned();
    let (lua, build) = (machine.lua_version()?, machine.build_id()?);
    let (mut pages, mut payload) = (0, Vec::new());
    let mut page = vec![0; PAGE];
    for number in 0..machine.instance().pages() {
        if machine.instance().read(number * PAGE as u32, &mut page) && page != ZEROS {
            pages = number + 1;
            payload.extend_from_slice(&number.to_le_bytes());
            payload.extend_from_slice(&page);
        }
    }
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(MAGIC);
    for number in [FORM, abi, lua, pages] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&build);
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&Sha256::digest(&payload));
    let header = Sha256::digest(&bytes);
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(&payload);
    Ok(bytes)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Snapshot, message)
}

/// The memory of a snapshot of the module with these bytes.
#[cfg(any(feature = "wasmi", feature = "wasmtime"))]
pub fn memory(snapshot: &[u8], module: &[u8]) -> Result<Vec<u8>> {
    // What names a build is in its module.
    let pages = check(snapshot, |build| module.windows(build.len()).any(|bytes| bytes == build))?;
    let mut memory = vec![0; pages as usize * PAGE];
    for record in snapshot[HEADER..].chunks_exact(RECORD) {
        memory[number(record, 0) as usize * PAGE..][..PAGE].copy_from_slice(&record[4..]);
    }
    Ok(memory)
}

/// Checks everything, in the order of docs/using-snapshots.md; the pages that memory needs. `is_own` tells the builds that fit.
fn check(bytes: &[u8], is_own: impl FnOnce(&[u8]) -> bool) -> Result<u32> {
    if bytes.len() < 8 || !bytes.starts_with(MAGIC) {
        return Err(refused("these bytes are no snapshot of Moonlet"));
    }
    let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
        return Err(refused("the snapshot is cut short; restore another one"));
    };
    let form = number(header, 8);
    if form != FORM {
        return Err(refused(format!(
            "the snapshot has form {form}, this crate reads form {FORM}; use another version"
        )));
    }
    if header[96..] != *Sha256::digest(&header[..96]) {
        return Err(refused("the snapshot's header is damaged; restore another one"));
    }
    if !is_own(&header[24..56]) {
        let lua = number(header, 16);
        let message = match lua {
            504 | 505 => format!(
                "the snapshot was made by another build of Lua {}.{}; restore it with the module that made it",
                lua / 100,
                lua % 100
            ),
            _ => "the snapshot was made by another build; restore it with the module that made it".into(),
        };
        return Err(refused(message));
    }
    let len = u64::from_le_bytes(header[56..64].try_into().expect("eight bytes"));
    if len != payload.len() as u64 {
        return Err(refused(format!(
            "the snapshot has {} of its {len} bytes of payload; restore a whole one",
            payload.len()
        )));
    }
    if header[64..96] != *Sha256::digest(payload) {
        return Err(refused("the snapshot is damaged; restore another one"));
    }
    let (pages, records) = (number(header, 20), payload.chunks_exact(RECORD));
    let mut after = 0;
    let ascend = records.clone().all(|record| {
        let page = number(record, 0);
        let ascends = page >= after;
        after = page.saturating_add(1);
        ascends
    });
    if !records.remainder().is_empty() || !ascend || after != pages || pages > 32_768 {
        return Err(refused("the snapshot's pages are in disorder; restore another one"));
    }
    Ok(pages)
}

/// Makes memory what a checked snapshot says.
fn write(machine: &mut Machine, bytes: &[u8], pages: u32) -> Result<()> {
    let instance = machine.instance();
    let missing = pages.saturating_sub(instance.pages());
    if missing > 0 && !instance.grow(missing) {
        return Err(refused(format!("the engine has no memory for the snapshot's {pages} pages of 64 KiB")));
    }
    let mut records = bytes[HEADER..].chunks_exact(RECORD).peekable();
    for page in 0..instance.pages() {
        let contents = match records.next_if(|record| number(record, 0) == page) {
            Some(record) => &record[4..],
            None => &ZEROS,
        };
        instance.write(page * PAGE as u32, contents);
    }
    Ok(())
}
