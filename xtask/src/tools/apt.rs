//! Debian's packages, for a user who is root: containers and continuous integration mostly.

use std::process::Command;
use std::sync::Once;

use anyhow::{Context, Result, ensure};

use super::process::{find, run, say};

/// Installs `package`, which may pin a version as in `name=1.2*`. Fails at once for other users and other systems.
pub fn install(package: &str) -> Result<()> {
    find("apt-get").context("there is no apt-get")?;
    ensure!(is_root()?, "apt-get needs root");
    say(&format!("installing for the whole system: apt-get install {package}"));
    update();
    run(apt_get(&["install", "--yes", "--no-install-recommends"]).arg(package))?;
    Ok(())
}

/// Fetches the package lists, once per run. A failure is let pass: the lists at hand may do.
fn update() {
    static UPDATED: Once = Once::new();
    UPDATED.call_once(|| {
        if let Err(error) = run(&mut apt_get(&["update"])) {
            say(&format!("{error:#}"));
        }
    });
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    // Another apt may be at work, as on a machine that has just started.
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", "DPkg::Lock::Timeout=60"]).args(arguments);
    command
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"))?.trim() == "0")
}
