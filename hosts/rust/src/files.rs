//! The in-memory file system of a state.

use crate::engine::Export;
use crate::numbers::status;
use crate::{Error, ErrorKind, Lua, Result, Value};

/// The files that scripts read and write: `io.open`, `require`, `dofile`. Made by [`Lua::files`].
///
/// A name is a path such as `lib/list.lua`; folders need no making.
///
/// ```
/// let lua = moonlet::Lua::new()?;
/// lua.files().write("greet.lua", "return function(name) return 'Hello ' .. name end")?;
/// assert_eq!(lua.eval::<String>("return require('greet')('you')")?, "Hello you");
/// # Ok::<(), moonlet::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Files<'a>(&'a Lua);

impl Lua {
    /// The state's files.
    pub fn files(&self) -> Files<'_> {
        Files(self)
    }
}

impl Files<'_> {
    /// Puts a file there, or new contents into it.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused): the name is none of a file, or there is no memory.
    pub fn write(&self, name: impl AsRef<[u8]>, contents: impl AsRef<[u8]>) -> Result<()> {
        let (name, contents) = (name.as_ref(), contents.as_ref());
        done(self.0.state().with(|machine| machine.give_file(name, contents))?, &shown(name))
    }

    /// The contents of a file; `None` where there is none.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused): it is over the limit `result`, or there is no memory.
    pub fn read(&self, name: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>> {
        let name = name.as_ref();
        self.0.state().with(|machine| {
            let answer = machine.give(Export::ReadFile, None, name)?;
            match -answer {
                number if number <= 0 => {
                    let info = machine.info()?;
                    machine.result(&info).map(Some)
                }
                status::BAD_ARGUMENT => Ok(None),
                status::TOO_BIG => {
                    let message = format!("{} is over the limit `result`; raise that", shown(name));
                    Err(Error::new(ErrorKind::Refused, message).with_status(status::TOO_BIG))
                }
                refused => done(refused, &shown(name)).map(|()| None),
            }
        })
    }

    /// Takes a file away; whether it was there. A script that has it open goes on with it.
    ///
    /// # Errors
    /// [`Poisoned`](ErrorKind::Poisoned) and [`Closed`](ErrorKind::Closed).
    pub fn remove(&self, name: impl AsRef<[u8]>) -> Result<bool> {
        let name = name.as_ref();
        match self.0.state().with(|machine| machine.give(Export::RemoveFile, None, name))? {
            status::BAD_ARGUMENT => Ok(false),
            other => done(other, &shown(name)).map(|()| true),
        }
    }

    /// All files, by name and size in bytes, in the order of the names.
    ///
    /// # Errors
    /// [`Memory`](ErrorKind::Memory): the state has none left for the list; [`Refused`](ErrorKind::Refused): that is over the limit `result`.
    pub fn list(&self) -> Result<Vec<(Vec<u8>, u64)>> {
        let entries = self.0.state().list(Export::ListFiles, 0)?;
        let pair = |entry| match entry {
            Value::Sequence(pair) => self.0.take(pair),
            other => Err(crate::convert::mismatch("name and size", &other)),
        };
        entries.into_iter().map(pair).collect()
    }
}

fn shown(name: &[u8]) -> String {
    format!("the file \"{}\"", name.escape_ascii())
}

/// The error of a status that is none of success.
pub fn done(number: i32, what: &str) -> Result<()> {
    let why = match number {
        status::OK => return Ok(()),
        status::POISONED => return Err(Error::still_poisoned()),
        status::BAD_ARGUMENT => "cannot have that name",
        status::BAD_STATE => {
            "is left out by this module, a mini variant; take Version::Lua54 or Version::Lua55"
        }
        _ => "does not fit into the state's memory",
    };
    Err(Error::new(ErrorKind::Refused, format!("{what} {why}")).with_status(number))
}
