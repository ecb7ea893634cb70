//! Where a user's files are, when no option says.

use std::env;
use std::path::PathBuf;

/// A folder of Moonlet in the one that a variable names, or in one in the user's own.
fn folder(variable: &str, home: &str) -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let base = set(variable).or_else(|| set("HOME").map(|folder| folder.join(home)));
    base.or_else(|| set("LOCALAPPDATA")).map(|folder| folder.join("moonlet"))
}

/// For what is kept.
pub fn data() -> Option<PathBuf> {
    folder("XDG_DATA_HOME", ".local/share")
}

/// For what can be made again.
pub fn cache() -> Option<PathBuf> {
    folder("XDG_CACHE_HOME", ".cache")
}
