//! Names in `/dev` that stand for no stored bytes.

/// What such a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Takes every byte and keeps none.
    Null,
    /// Takes no byte; writing to it shows how a program meets a full disk.
    Full,
    /// What standard input reads: a file, unless it is a stream (`stdio/streams/input.rs`).
    Input,
    /// Where standard output goes.
    Output,
    /// Where standard error goes.
    Error,
}

/// The folder of them all, by its normalized name.
pub const FOLDER: &[u8] = b"dev";

/// The device of that normalized name.
pub fn device(name: &[u8]) -> Option<Device> {
    match name.strip_prefix(FOLDER)? {
        b"/null" => Some(Device::Null),
        b"/full" => Some(Device::Full),
        b"/stdin" => Some(Device::Input),
        b"/stdout" => Some(Device::Output),
        b"/stderr" => Some(Device::Error),
        _ => None,
    }
}
