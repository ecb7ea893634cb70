//! The time zone of this machine, as the module takes it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the files of zones are.
const ZONES: &str = "/usr/share/zoneinfo";

/// The zone in the form of POSIX; `None` is UTC.
pub fn local() -> Option<String> {
    match env::var("TZ") {
        Ok(zone) => named(zone.strip_prefix(':').unwrap_or(&zone)),
        Err(_) => footer(Path::new("/etc/localtime")),
    }
}

/// The zone of a name such as `Europe/Berlin`, or what is in the form of POSIX already.
fn named(zone: &str) -> Option<String> {
    if zone.is_empty() {
        return None;
    }
    let file: PathBuf = Path::new(ZONES).join(zone);
    footer(&file).or_else(|| Some(zone.to_string()))
}

/// The last line of a zone's file, which says how it goes on after the years that it lists.
fn footer(file: &Path) -> Option<String> {
    let bytes = fs::read(file).ok().filter(|bytes| bytes.starts_with(b"TZif"))?;
    let line = bytes.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(line).ok()?;
    (!text.is_empty()).then(|| text.to_string())
}
