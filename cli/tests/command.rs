//! The command, run as people run it.

#[path = "command/figures.rs"]
mod figures;
#[path = "command/folders.rs"]
mod folders;
#[path = "command/guide.rs"]
mod guide;
#[path = "command/harness.rs"]
mod harness;
#[path = "command/inspecting.rs"]
mod inspecting;
#[path = "command/like_lua.rs"]
mod like_lua;
#[path = "command/limits.rs"]
mod limits;
#[path = "command/official.rs"]
mod official;
#[path = "command/printed.rs"]
mod printed;
#[path = "command/snapshots.rs"]
mod snapshots;
#[path = "command/terminal.rs"]
mod terminal;
