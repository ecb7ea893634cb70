//! What the crate promises, one file for each promise; one binary, so that the engines are linked once.

#[path = "host/asynchronous.rs"]
mod asynchronous;
#[path = "host/bad_input.rs"]
mod bad_input;
#[path = "host/calls.rs"]
mod calls;
#[path = "host/engines.rs"]
mod engines;
#[path = "host/errors.rs"]
mod errors;
#[path = "host/executor.rs"]
mod executor;
#[path = "host/files.rs"]
mod files;
#[path = "host/limits.rs"]
mod limits;
#[path = "host/objects.rs"]
mod objects;
#[path = "host/programs.rs"]
mod programs;
#[path = "host/serial.rs"]
mod serial;
#[path = "host/snapshots.rs"]
mod snapshots;
#[path = "host/tasks.rs"]
mod tasks;
#[path = "host/values.rs"]
mod values;
#[path = "host/vectors.rs"]
mod vectors;
