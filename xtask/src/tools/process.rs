//! Running other programs quietly: what they print is shown only when they fail.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Of a failed command's output, so many lines go into the error.
const SHOWN_LINES: usize = 12;

/// Tells the user, on stderr, what is about to happen.
pub fn say(text: &str) {
    eprintln!("xtask: {text}");
}

/// Runs to the end and gives what was printed on stdout. The error of a failed command carries its last lines.
pub fn run(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {}", line(command)))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let printed = stdout + &String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{}", line(command), output.status, last_lines(&printed));
    }
    Ok(stdout)
}

/// The program's full path, by the folders of `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

/// What the user wrote into an environment variable as a program: a bare name is looked up in `PATH`, and a relative
/// path becomes absolute, because build scripts run in other folders.
pub fn resolve(written: &OsStr) -> Result<PathBuf> {
    let path = Path::new(written);
    if path.components().count() > 1 {
        return Ok(std::path::absolute(path)?);
    }
    written.to_str().and_then(find).with_context(|| format!("{} is not on PATH", path.display()))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_shows_itself_and_its_last_lines() {
        let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo line $i; done; echo why >&2; exit 3";
        let error = run(Command::new("sh").args(["-c", script])).unwrap_err().to_string();
        assert!(error.starts_with("sh -c"), "{error}");
        assert!(error.contains("exit status: 3") && error.ends_with("line 13\nwhy"), "{error}");
        assert!(!error.contains("\nline 2\n"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program")).unwrap_err().to_string();
        assert_eq!(error, "cannot run no-such-program");
    }

    #[test]
    fn programs_resolve_to_absolute_paths() {
        assert!(resolve(OsStr::new("sh")).unwrap().is_absolute());
        assert!(resolve(OsStr::new("some/clang")).unwrap().is_absolute());
        assert!(resolve(OsStr::new("no-such-program")).is_err());
    }
}
