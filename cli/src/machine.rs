//! What a script hears of this machine.

use std::ffi::OsString;

use moonlet::{Map, Value};

use crate::value::text;

/// The variables that `os.getenv` is to find; nil without any.
pub fn environment(given: &[OsString]) -> Value {
    let mut variables = Map::new();
    for variable in given {
        let bytes = variable.as_encoded_bytes();
        match bytes.iter().position(|byte| *byte == b'=') {
            Some(end) => variables.push(bytes[..end].into(), bytes[end + 1..].into()),
            None => {
                if let Some(value) = std::env::var_os(variable) {
                    variables.push(text(variable), text(&value));
                }
            }
        }
    }
    if variables.is_empty() { Value::Nil } else { Value::Map(variables) }
}

/// Whether output and error output are one terminal, pipe or file.
#[cfg(unix)]
pub fn one_stream() -> bool {
    use rustix::fs::fstat;
    use rustix::stdio::{stderr, stdout};

    match (fstat(stdout()), fstat(stderr())) {
        (Ok(output), Ok(errors)) => {
            (output.st_dev, output.st_ino, output.st_rdev) == (errors.st_dev, errors.st_ino, errors.st_rdev)
        }
        _ => false,
    }
}

/// Whether output and error output are one terminal, pipe or file.
#[cfg(not(unix))]
pub fn one_stream() -> bool {
    false
}
