//! The text of a script, as `lua` reads it from a file.

use std::ffi::OsStr;
use std::fs;
use std::io;

/// How much of a file is looked at to tell a text.
const LOOK: usize = 4096;

/// Reads a file; the error is a message.
pub fn read(path: &OsStr) -> Result<Vec<u8>, String> {
    let name = path.to_string_lossy();
    let bytes = fs::read(path).map_err(|error| {
        let what = if error.kind() == io::ErrorKind::IsADirectory { "read" } else { "open" };
        format!("cannot {what} {name}: {}", plain(&error))
    })?;
    strip(bytes, &name)
}

/// The message of an error of the system, as C words it.
pub fn plain(error: &io::Error) -> String {
    let mut text = error.to_string();
    if let Some(end) = text.find(" (os error") {
        text.truncate(end);
    }
    text
}

/// Takes away a byte order mark, and a first line that starts with `#`, and refuses what is no text of Lua nor a precompiled chunk.
pub fn strip(mut bytes: Vec<u8>, name: &str) -> Result<Vec<u8>, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(format!("cannot run {name}: it is text in UTF-16; save it as UTF-8"));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    if bytes.starts_with(b"#") {
        let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        // The line's end stays, so that the lines of a text count as they are.
        let compiled = bytes.get(line + 1) == Some(&b'\x1b');
        bytes.drain(..line + usize::from(compiled));
    }
    if !bytes.starts_with(b"\x1b") && bytes.iter().take(LOOK).any(|byte| *byte == 0) {
        return Err(format!(
            "cannot run {name}: it is binary, and neither Lua's source nor from string.dump"
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_first_lines_are_taken_away() {
        let text = |bytes: &[u8]| strip(bytes.to_vec(), "x").unwrap();
        assert_eq!(text(b"\xef\xbb\xbfprint(3)"), b"print(3)");
        assert_eq!(text(b"\xef\xbb\xbf#!lua\nprint(3)"), b"\nprint(3)");
        assert_eq!(text(b"#comment"), b"");
        assert_eq!(text(b"#comment\n\x1bLua\0"), b"\x1bLua\0");
        assert_eq!(text(b"\xef\xbb"), b"\xef\xbb");
    }

    #[test]
    fn what_is_no_text_says_so() {
        assert!(strip(b"\x7fELF\x02\0".to_vec(), "ls").unwrap_err().contains("binary"));
        assert!(strip(b"\xff\xfep\0".to_vec(), "x").unwrap_err().contains("UTF-16"));
    }
}
