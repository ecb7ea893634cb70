//! Folders of this machine that a script is given: the host puts their files into the script's file system when the script asks for
//! them, and writes back what it changed.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use moonlet::{Lua, Value};

use crate::report::OWN;

/// A folder as an option names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    host: String,
    name: String,
    writable: bool,
}

impl FromStr for Folder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts: Vec<&str> = text.split(':').collect();
        let writable = parts.len() > 1 && parts.last() == Some(&"rw");
        if writable {
            parts.pop();
        }
        let (host, name) = match parts[..] {
            [host] => (host, host),
            [host, name] => (host, name),
            _ => return Err("write HOST, HOST:NAME, HOST:rw or HOST:NAME:rw".into()),
        };
        if host.is_empty() {
            return Err("the folder has no name".into());
        }
        Ok(Self { host: host.into(), name: name.into(), writable })
    }
}

/// The files that a script wrote to, in folders.
const WRITTEN: &str = "local names, debug = {}, debug \
    local written = debug and debug.getregistry and debug.getregistry()['moonlet.written'] \
    if not written then return nil end for name in pairs(written) do names[#names + 1] = name end return names";

/// Errors of C that are no operation's of this machine, with Linux's numbers.
const READ_ONLY: (&str, i64) = ("Read-only file system", 30);
const IS_FOLDER: (&str, i64) = ("Is a directory", 21);
const OTHER_DEVICE: (&str, i64) = ("Invalid cross-device link", 18);

/// The folders that a script is given, and what it did with their files.
#[derive(Debug, Default)]
pub struct Folders {
    mounts: Vec<Mount>,
    /// Files that are in the script's file system, by their names there.
    files: HashMap<String, Copy>,
}

#[derive(Debug)]
struct Mount {
    /// Its name in the script's file system, normal; empty for all of that.
    name: String,
    folder: Dir,
    writable: bool,
}

/// A file of a folder that is in the script's file system.
#[derive(Debug)]
struct Copy {
    /// What it was when it was read; `None` for one that the script makes.
    read: Option<(u64, Option<SystemTime>)>,
    /// What the file on this machine has, of one that is written.
    written: Option<Vec<u8>>,
}

/// What becomes of a call: values for the script.
type Answer = Vec<Value>;

impl Folders {
    /// Opens the folders.
    pub fn open(folders: &[Folder]) -> Result<Self> {
        let mut mounts = Vec::new();
        for folder in folders {
            let opened = Dir::open_ambient_dir(&folder.host, ambient_authority())
                .with_context(|| format!("--dir cannot give the folder {}", folder.host))?;
            mounts.push(Mount { name: normal(&folder.name), folder: opened, writable: folder.writable });
        }
        // The innermost comes first.
        mounts.sort_by_key(|mount| std::cmp::Reverse(mount.name.len()));
        Ok(Self { mounts, files: HashMap::new() })
    }

    /// Takes up the files that a script had open for writing when it was saved, and names those that no folder has.
    pub fn take_up(&mut self, lua: &Lua) -> Result<()> {
        let written: Option<Vec<String>> = lua.load(WRITTEN).name(OWN).eval()?;
        if written.is_none() && self.any() {
            bail!("the script was started without --dir, and cannot be given a folder now");
        }
        for name in written.unwrap_or_default() {
            if self.find(&name).is_some_and(|(mount, _)| mount.writable) {
                let written = lua.files().read(&name)?;
                self.files.insert(normal(&name), Copy { read: None, written });
            } else {
                eprintln!(
                    "moonlet: what the script writes to {name} goes nowhere: give the folder by --dir, as before"
                );
            }
        }
        Ok(())
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        !self.mounts.is_empty()
    }

    /// The folder that has a file of the script's, and its name within.
    fn find(&self, name: &str) -> Option<(&Mount, String)> {
        let name = normal(name);
        self.mounts.iter().find_map(|mount| {
            let rest = if mount.name.is_empty() {
                name.as_str()
            } else {
                name.strip_prefix(mount.name.as_str())?.strip_prefix('/')?
            };
            (!rest.is_empty() && !is_device(&name)).then(|| (mount, rest.to_string()))
        })
    }

    /// Puts a file there that the script is about to read.
    pub fn read(&mut self, lua: &Lua, name: &str) -> Result<Answer> {
        let Some((mount, inner)) = self.find(name) else { return Ok(done()) };
        let key = normal(name);
        if self.files.get(&key).is_some_and(|copy| copy.written.is_some()) {
            return Ok(done());
        }
        let read = || -> io::Result<_> {
            let found = mount.folder.metadata(&inner)?;
            if found.is_dir() {
                return Ok(None);
            }
            let stamp = (found.len(), found.modified().ok().map(cap_std::time::SystemTime::into_std));
            if self.files.get(&key).is_some_and(|copy| copy.read == Some(stamp)) {
                return Ok(Some((stamp, None)));
            }
            if !found.is_file() {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            let mut contents = Vec::new();
            mount.folder.open(&inner)?.read_to_end(&mut contents)?;
            Ok(Some((stamp, Some(contents))))
        };
        match read() {
            Ok(None) => Ok(failed(name, IS_FOLDER)),
            Ok(Some((_, None))) => Ok(done()),
            Ok(Some((stamp, Some(contents)))) => match lua.files().write(&key, contents) {
                Ok(()) => {
                    self.files.insert(key, Copy { read: Some(stamp), written: None });
                    Ok(done())
                }
                Err(error) if error.kind() == moonlet::ErrorKind::Refused => {
                    Ok(vec![Value::Nil, format!("{name}: {error}").into(), Value::Integer(12)])
                }
                Err(error) => Err(error.into()),
            },
            Err(error) => {
                if self.files.remove(&key).is_some() {
                    lua.files().remove(&key)?;
                }
                Ok(failed(name, reason(&error)))
            }
        }
    }

    /// Puts the first of these files there that a folder has.
    pub fn find_first(&mut self, lua: &Lua, names: &[String]) -> Result<()> {
        for name in names {
            if self.find(name).is_some() && !self.read(lua, name)?[0].is_nil() {
                break;
            }
        }
        Ok(())
    }

    /// Makes sure that a file can be written, and puts there what it has.
    pub fn write(&mut self, lua: &Lua, name: &str, mode: &str) -> Result<Answer> {
        let Some((mount, inner)) = self.find(name) else { return Ok(done()) };
        if !mount.writable {
            return Ok(failed(name, READ_ONLY));
        }
        let mut options = OpenOptions::new();
        options.write(true).create(!mode.starts_with('r'));
        if mount.folder.metadata(&inner).is_ok_and(|found| found.is_dir()) {
            return Ok(failed(name, IS_FOLDER));
        }
        if let Err(error) = mount.folder.open_with(&inner, &options) {
            return Ok(failed(name, reason(&error)));
        }
        let answer = self.read(lua, name)?;
        if !answer[0].is_nil() {
            let key = normal(name);
            let contents = lua.files().read(&key)?;
            let copy = self.files.entry(key).or_insert(Copy { read: None, written: None });
            if copy.written.is_none() {
                copy.written = contents;
            }
        }
        Ok(answer)
    }

    /// Removes a file, if it is one of a folder.
    pub fn remove(&mut self, lua: &Lua, name: &str) -> Result<Answer> {
        let Some((mount, inner)) = self.find(name) else { return Ok(elsewhere()) };
        if !mount.writable {
            return Ok(failed(name, READ_ONLY));
        }
        let removed = match mount.folder.metadata(&inner) {
            Ok(found) if found.is_dir() => mount.folder.remove_dir(&inner),
            _ => mount.folder.remove_file(&inner),
        };
        if let Err(error) = removed {
            return Ok(failed(name, reason(&error)));
        }
        let key = normal(name);
        self.files.remove(&key);
        lua.files().remove(&key)?;
        Ok(done())
    }

    /// Renames a file, if it is one of a folder.
    pub fn rename(&mut self, lua: &Lua, from: &str, to: &str) -> Result<Answer> {
        self.write_back(lua)?;
        let (old, new) = match (self.find(from), self.find(to)) {
            (None, None) => return Ok(elsewhere()),
            (Some(old), Some(new)) => (old, new),
            _ => return Ok(failed(from, OTHER_DEVICE)),
        };
        if !old.0.writable || !new.0.writable {
            return Ok(failed(from, READ_ONLY));
        }
        if let Err(error) = old.0.folder.rename(&old.1, &new.0.folder, &new.1) {
            return Ok(failed(from, reason(&error)));
        }
        for name in [from, to] {
            let key = normal(name);
            self.files.remove(&key);
            lua.files().remove(&key)?;
        }
        Ok(done())
    }

    /// Writes what the script changed back into the folders.
    pub fn write_back(&mut self, lua: &Lua) -> Result<()> {
        let names: Vec<String> = self
            .files
            .iter()
            .filter(|(_, copy)| copy.written.is_some())
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            let Some(contents) = lua.files().read(&name)? else { continue };
            if self.files[&name].written.as_ref() == Some(&contents) {
                continue;
            }
            let (mount, inner) = self.find(&name).context("a file that was written has a folder")?;
            mount
                .folder
                .write(&inner, &contents)
                .with_context(|| format!("what the script wrote to {name} cannot be kept"))?;
            let copy = Copy { read: None, written: Some(contents) };
            self.files.insert(name, copy);
        }
        Ok(())
    }
}

fn done() -> Answer {
    vec![Value::Boolean(true)]
}

fn elsewhere() -> Answer {
    vec!["elsewhere".into()]
}

/// An error as the functions of `io` have it.
fn failed(name: &str, (message, number): (impl AsRef<str>, i64)) -> Answer {
    vec![Value::Nil, format!("{name}: {}", message.as_ref()).into(), Value::Integer(number)]
}

/// An error of the system as C words it, and its number.
fn reason(error: &io::Error) -> (String, i64) {
    match error.raw_os_error() {
        Some(number) => {
            let text = error.to_string();
            let end = text.rfind(" (os error").unwrap_or(text.len());
            (text[..end].to_string(), number.into())
        }
        // A name or a link that leads out of the folder, or a device.
        None => ("Permission denied".into(), 13),
    }
}

fn is_device(name: &str) -> bool {
    Path::new(name).starts_with("dev")
}

/// A name as the script's file system has it: `./a/../b.lua` is `b.lua`, and so is `/b.lua`.
fn normal(name: &str) -> String {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_only_unless_it_says_so() {
        let folder =
            |host: &str, name: &str, writable| Folder { host: host.into(), name: name.into(), writable };
        assert_eq!("lib".parse(), Ok(folder("lib", "lib", false)));
        assert_eq!("a/b:c".parse(), Ok(folder("a/b", "c", false)));
        assert_eq!("lib:rw".parse(), Ok(folder("lib", "lib", true)));
        assert_eq!("lib:x:rw".parse(), Ok(folder("lib", "x", true)));
        assert_eq!("rw".parse(), Ok(folder("rw", "rw", false)));
        assert!("a:b:c".parse::<Folder>().is_err());
        assert!(":x".parse::<Folder>().is_err());
    }

    #[test]
    fn names_have_one_form() {
        assert_eq!(normal("/a/./b/../c.lua"), "a/c.lua");
        assert_eq!(normal("./x"), normal("/x"));
        assert_eq!(normal("../x"), "x");
        assert_eq!(normal("."), "");
    }
}
