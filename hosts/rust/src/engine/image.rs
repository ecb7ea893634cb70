//! A module whose instances begin with the memory of a snapshot. Between calls an instance is its memory and nothing else, as ABI.md says
//! of snapshots, so the module's own data give way to that.

use std::ops::Range;

use crate::machine::PAGE;
use crate::{Error, ErrorKind, Result, snapshot};

/// The sections of a module that are not taken over as they are.
const MEMORY: u8 = 5;
const DATA: u8 = 11;
const DATA_COUNT: u8 = 12;

/// How much of memory is left out when it is all zeros.
const GRAIN: usize = 4096;

/// The module, with the memory of a snapshot of it in the place of its own.
pub fn module(bytes: &[u8], snapshot: &[u8]) -> Result<Vec<u8>> {
    let memory = snapshot::memory(snapshot, bytes)?;
    rewrite(bytes, &memory).ok_or_else(|| {
        Error::new(ErrorKind::Engine, "the module's sections are not those of lua54.wasm or lua55.wasm")
    })
}

fn rewrite(bytes: &[u8], memory: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = bytes.split_at_checked(8)?;
    let mut module = header.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (len, after) = number(after)?;
        let (contents, after) = after.split_at_checked(len as usize)?;
        match *id {
            MEMORY => section(&mut module, MEMORY, &memory_section(contents, memory.len() / PAGE)?),
            DATA => section(&mut module, DATA, &data_section(memory)),
            // It is for instructions that the module does not have.
            DATA_COUNT => {}
            _ => module.extend_from_slice(&rest[..rest.len() - after.len()]),
        }
        rest = after;
    }
    Some(module)
}

/// One memory with at least so many pages at the start, and its own maximum.
fn memory_section(contents: &[u8], pages: usize) -> Option<Vec<u8>> {
    let [1, 1, limits @ ..] = contents else { return None };
    let (minimum, maximum) = number(limits)?;
    let mut section = vec![1, 1];
    put(&mut section, minimum.max(pages as u32));
    section.extend_from_slice(maximum);
    Some(section)
}

/// Memory in pieces, without what is zero.
fn data_section(memory: &[u8]) -> Vec<u8> {
    let pieces = pieces(memory);
    let mut section = Vec::with_capacity(memory.len());
    put(&mut section, pieces.len() as u32);
    for piece in pieces {
        // An active piece of memory 0, at a constant: i32.const, end.
        section.extend_from_slice(&[0, 0x41]);
        put_signed(&mut section, piece.start as i32);
        section.push(0x0b);
        put(&mut section, piece.len() as u32);
        section.extend_from_slice(&memory[piece]);
    }
    section
}

/// Where memory is not zero.
fn pieces(memory: &[u8]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (index, grain) in memory.chunks(GRAIN).enumerate() {
        if grain.iter().all(|byte| *byte == 0) {
            continue;
        }
        let start = index * GRAIN;
        match pieces.last_mut() {
            Some(last) if last.end == start => last.end += grain.len(),
            _ => pieces.push(start..start + grain.len()),
        }
    }
    pieces
}

fn section(module: &mut Vec<u8>, id: u8, contents: &[u8]) {
    module.push(id);
    put(module, contents.len() as u32);
    module.extend_from_slice(contents);
}

/// An unsigned number of 32 bits, as WebAssembly has it, and what follows.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((u32::try_from(value).ok()?, &bytes[index + 1..]));
        }
    }
    None
}

fn put(bytes: &mut Vec<u8>, mut value: u32) {
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn put_signed(bytes: &mut Vec<u8>, mut value: i32) {
    // The last byte's bit 6 is the sign.
    while !(-64..64).contains(&value) {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8 & 0x7f);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            bytes.push(7);
            assert_eq!(number(&bytes), Some((value, &[7][..])));
        }
        assert_eq!(number(&[0x80; 5]), None);
        assert_eq!(number(&[]), None);
        let mut bytes = Vec::new();
        put_signed(&mut bytes, 64);
        put_signed(&mut bytes, 1 << 30);
        assert_eq!(bytes, [0xc0, 0, 0x80, 0x80, 0x80, 0x80, 4]);
    }

    #[test]
    fn zeros_are_left_out() {
        let mut memory = vec![0; 4 * GRAIN];
        assert_eq!(pieces(&memory), []);
        memory[GRAIN] = 1;
        memory[4 * GRAIN - 1] = 1;
        assert_eq!(pieces(&memory), [GRAIN..2 * GRAIN, 3 * GRAIN..4 * GRAIN]);
        memory[0] = 1;
        assert_eq!(pieces(&memory), [0..2 * GRAIN, 3 * GRAIN..4 * GRAIN]);
    }
}
