//! Installing into `target/tools` such that a tool's folder is there completely or not at all.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Tools;
use super::process::say;

impl Tools {
    /// Where the tool `name` is, once it is installed.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Gives `check(place)`, after an install where that fails. `fill` gets an empty folder and returns the folder
    /// within it that is the tool; it is checked there and only then renamed to its place, so an interrupted install
    /// leaves nothing that looks complete. Runs at the same time wait for each other; `fill` must not install.
    pub(super) fn install<T>(
        &self,
        name: &str,
        check: impl Fn(&Path) -> Result<T>,
        fill: impl FnOnce(&Path) -> Result<PathBuf>,
    ) -> Result<T> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        let _lock = self.lock()?;
        let place = self.place(name);
        if let Ok(found) = check(&place) {
            return Ok(found);
        }
        let partial = self.folder.join(format!("{name}.partial"));
        remove(&partial)?;
        fs::create_dir(&partial)?;
        let moved = fill(&partial).and_then(|tool| {
            check(&tool)?;
            remove(&place)?;
            Ok(fs::rename(tool, &place)?)
        });
        remove(&partial)?;
        moved.and_then(|()| check(&place))
    }

    /// Held until dropped; the system also drops it for a process that was killed.
    fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            say("waiting for another run that is installing tools");
        } else {
            return Ok(file);
        }
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(file)
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::ensure;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A workspace of its own for each test, gone at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(test: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("moonlet-tools-{test}-{}", std::process::id()));
            remove(&folder).unwrap();
            Scratch(folder)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = remove(&self.0);
        }
    }

    fn check(folder: &Path) -> Result<String> {
        Ok(fs::read_to_string(folder.join("version"))?)
    }

    fn fill(partial: &Path) -> Result<PathBuf> {
        let tool = partial.join("inner");
        fs::create_dir(&tool)?;
        fs::write(tool.join("version"), "1")?;
        Ok(tool)
    }

    #[test]
    fn installs_once() {
        let scratch = Scratch::new("once");
        let tools = Tools::new(&scratch.0);
        assert_eq!(tools.install("tool-1", check, fill).unwrap(), "1");
        let again = tools.install("tool-1", check, |_| unreachable!("it is there already"));
        assert_eq!(again.unwrap(), "1");
        assert!(!tools.place("tool-1.partial").exists());
    }

    #[test]
    fn leftovers_of_an_interrupted_or_broken_install_are_replaced() {
        let scratch = Scratch::new("leftovers");
        let tools = Tools::new(&scratch.0);
        fs::create_dir_all(tools.place("tool-1.partial").join("inner")).unwrap();
        fs::create_dir_all(tools.place("tool-1").join("half")).unwrap();
        assert_eq!(tools.install("tool-1", check, fill).unwrap(), "1");
        assert!(!tools.place("tool-1").join("half").exists());
    }

    #[test]
    fn a_failed_install_leaves_nothing() {
        let scratch = Scratch::new("failed");
        let tools = Tools::new(&scratch.0);
        let checked = |folder: &Path| {
            ensure!(check(folder)? == "2", "wrong version");
            Ok(())
        };
        assert_eq!(tools.install("tool-2", checked, fill).unwrap_err().to_string(), "wrong version");
        assert!(!tools.place("tool-2").exists() && !tools.place("tool-2.partial").exists());
    }

    #[test]
    fn of_runs_at_the_same_time_one_installs() {
        let scratch = Scratch::new("together");
        let installs = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let count = |partial: &Path| {
                        installs.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(std::time::Duration::from_millis(50));
                        fill(partial)
                    };
                    assert_eq!(Tools::new(&scratch.0).install("tool-1", check, count).unwrap(), "1");
                });
            }
        });
        assert_eq!(installs.into_inner(), 1);
    }
}
