//! string.h, compared with the host's glibc, on blocks that end where memory ends.

#[path = "cases/guarded.rs"]
mod guarded;

use guarded::Guarded;
use libc_shim::string;
use std::ffi::{CStr, c_int};

const LENGTHS: std::ops::RangeInclusive<usize> = 0..=70;

#[test]
fn length_and_search_at_the_end_of_memory() {
    let memory = Guarded::new();
    for length in LENGTHS {
        let text = memory.text(&vec![b'x'; length]);
        // SAFETY: `text` is a C string of that length.
        unsafe {
            assert_eq!(string::strlen(text), length);
            assert!(string::strchr(text, c_int::from(b'y')).is_null());
            assert_eq!(string::strchr(text, 0).cast_const(), text.add(length));
            assert!(string::memchr(text.cast(), c_int::from(b'y'), length + 1).is_null());
            assert_eq!(string::memchr(text.cast(), 0, length + 1).addr(), text.addr() + length);
            // C allows a size that is too large if the byte is there.
            assert_eq!(string::memchr(text.cast(), 0, usize::MAX).addr(), text.addr() + length);
        }
        for place in 0..length {
            for wanted in [b'y', 0x80, 0xff, 1] {
                let mut bytes = vec![b'x'; length];
                bytes[place..].fill(wanted);
                let block = memory.block(&bytes);
                // SAFETY: the block has that length.
                unsafe {
                    let found = string::memchr(block.cast(), c_int::from(wanted) + 256, length);
                    assert_eq!(found.addr(), block.addr() + place);
                    assert!(string::memchr(block.cast(), c_int::from(wanted), place).is_null());
                }
            }
        }
    }
}

#[test]
fn copies_of_every_length_alignment_and_distance() {
    let memory = Guarded::new();
    let numbers: Vec<u8> = (0..200).collect();
    for length in LENGTHS {
        for from in 0..24 {
            for to in 0..24 {
                let block = memory.block(&numbers[..length + 24]);
                let mut expected = numbers[..length + 24].to_vec();
                expected.copy_within(from..from + length, to);
                // SAFETY: both places have `length` bytes in the block.
                unsafe {
                    let target = block.add(to);
                    assert_eq!(string::memmove(target.cast(), block.add(from).cast(), length), target.cast());
                    assert_eq!(std::slice::from_raw_parts(block, length + 24), expected);
                }
            }
        }
        let source = memory.block(&numbers[..length]);
        let mut target = vec![0; length];
        // SAFETY: both blocks have the length.
        unsafe { string::memcpy(target.as_mut_ptr().cast(), source.cast(), length) };
        assert_eq!(target, &numbers[..length]);
    }
}

#[test]
fn fills_of_every_length_and_alignment() {
    let memory = Guarded::new();
    for length in LENGTHS {
        for before in 0..16 {
            let block = memory.block(&vec![1; before + length]);
            let mut expected = vec![1; before];
            expected.resize(before + length, 0xfe);
            // SAFETY: the block is that long.
            unsafe {
                string::memset(block.add(before).cast(), -2, length);
                assert_eq!(std::slice::from_raw_parts(block, before + length), expected);
            }
        }
    }
}

#[test]
fn comparisons_have_the_sign_of_the_host() {
    let (left_memory, right_memory) = (Guarded::new(), Guarded::new());
    for length in LENGTHS {
        for place in 0..=length {
            for (a, b) in [(1, 2), (2, 1), (0x7f, 0x80), (0xff, 1), (5, 5), (0, 9)] {
                let (mut left, mut right) = (vec![b'x'; length], vec![b'x'; length]);
                if place < length {
                    left[place] = a;
                    right[place] = b;
                    // What follows the difference must not matter.
                    right[place + 1..].fill(b'a');
                }
                let (x, y) = (left_memory.block(&left), right_memory.block(&right));
                // SAFETY: both blocks have the length.
                let (ours, theirs) = unsafe {
                    (string::memcmp(x.cast(), y.cast(), length), libc::memcmp(x.cast(), y.cast(), length))
                };
                assert_eq!(ours.signum(), theirs.signum(), "{left:?} {right:?}");
                compare_strings(left_memory.text(&left), right_memory.text(&right), place);
            }
        }
    }
}

fn compare_strings(x: *const i8, y: *const i8, place: usize) {
    // SAFETY: both are C strings.
    unsafe {
        assert_eq!(string::strcmp(x, y).signum(), libc::strcmp(x, y).signum());
        assert_eq!(string::strcoll(x, y).signum(), libc::strcmp(x, y).signum());
        for size in [0, place, place + 1, place + 2, usize::MAX] {
            assert_eq!(string::strncmp(x, y, size).signum(), libc::strncmp(x, y, size).signum());
        }
    }
}

#[test]
fn strcpy_copies_the_terminating_zero() {
    let (from_memory, to_memory) = (Guarded::new(), Guarded::new());
    for length in LENGTHS {
        let from = from_memory.text(&vec![b'q'; length]);
        let to = to_memory.block(&vec![1; length + 1]);
        // SAFETY: there is room for the string and its zero.
        unsafe {
            assert_eq!(string::strcpy(to.cast(), from), to.cast());
            assert_eq!(CStr::from_ptr(to.cast()), CStr::from_ptr(from));
        }
    }
}

/// Every string of up to eleven letters `a` and `b`, and every part of up to seven.
#[test]
fn all_short_strings_are_searched_as_on_the_host() {
    let words = |most: u32| {
        (0..=most).flat_map(|length| {
            (0..1_u32 << length)
                .map(move |bits| (0..length).map(|i| b'a' + (bits >> i & 1) as u8).collect::<Vec<u8>>())
        })
    };
    let (memory, part_memory) = (Guarded::new(), Guarded::new());
    for part in words(7) {
        let y = part_memory.text(&part);
        for whole in words(11) {
            let x = memory.text(&whole);
            // SAFETY: both are C strings.
            unsafe { assert_eq!(string::strstr(x, y), libc::strstr(x, y), "strstr {whole:?} {part:?}") };
        }
    }
}

/// A script chooses both strings (package.searchpath), so the time must not grow with their product.
#[test]
fn strstr_takes_time_in_proportion_to_the_lengths() {
    let whole = [vec![b'a'; 2_000_000], b"\0".to_vec()].concat();
    for part in [
        [vec![b'a'; 500_000], b"b\0".to_vec()].concat(),
        [b"b".to_vec(), vec![b'a'; 500_000], b"\0".to_vec()].concat(),
        [vec![b'a'; 250_000], b"b".to_vec(), vec![b'a'; 250_000], b"\0".to_vec()].concat(),
    ] {
        // SAFETY: both are C strings.
        assert!(unsafe { string::strstr(whole.as_ptr().cast(), part.as_ptr().cast()) }.is_null());
    }
}

#[test]
fn messages_are_those_of_the_host() {
    // Every number that C code and the shim know.
    let header = include_str!("../include/errno.h").lines().filter_map(|line| line.strip_prefix("#define E"));
    let mut known: Vec<c_int> = header.filter_map(|line| line.split(' ').nth(1)?.parse().ok()).collect();
    assert!(known.len() > 10, "{known:?}");
    let source = include_str!("../src/errno.rs").lines().filter(|line| line.starts_with("pub const E"));
    let source: Vec<c_int> =
        source.filter_map(|line| line.split(" = ").nth(1)?.trim_end_matches(';').parse().ok()).collect();
    assert_eq!(known, source, "errno.h left, errno.rs right");
    known.push(0);
    for number in known.into_iter().chain([-1, 4095, 9999, i32::MAX, i32::MIN, 1000]) {
        // SAFETY: both give C strings; only this test calls them.
        let (ours, theirs) =
            unsafe { (CStr::from_ptr(string::strerror(number)), CStr::from_ptr(libc::strerror(number))) };
        assert_eq!(ours, theirs, "{number}");
    }
}
