//! Calls of string.h, compared with those of the host, on blocks that end where memory ends.

use crate::guarded::Guarded;
use crate::random::Random;
use libc_shim::string;
use std::ffi::c_int;

/// Two blocks of memory, for the two arguments that most of the functions have.
pub struct Strings {
    left: Guarded,
    right: Guarded,
}

/// Few different bytes, so that much is repeated and nearly found.
fn text(random: &mut Random, most: u64) -> Vec<u8> {
    let letters = random.choose(&[b"a".as_slice(), b"ab", b"aab", b"abc\x80\xff"]);
    (0..random.below(most)).map(|_| random.choose(letters)).collect()
}

/// A text, and one that often is a part of it, or nearly the same.
fn pair(random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let most = random.choose(&[4, 20, 300]);
    let whole = text(random, most);
    let other = match random.below(4) {
        0 if !whole.is_empty() => {
            let start = random.below(whole.len() as u64) as usize;
            let end = start + random.below((whole.len() - start) as u64 + 1) as usize;
            whole[start..end].to_vec()
        }
        1 => {
            let mut other = whole.clone();
            if !other.is_empty() {
                let place = random.below(other.len() as u64) as usize;
                other[place] = random.choose(b"abc\x80\xff");
            }
            other
        }
        _ => text(random, 12),
    };
    (whole, other)
}

impl Strings {
    pub fn new() -> Self {
        Strings { left: Guarded::new(), right: Guarded::new() }
    }

    /// One call of one function.
    pub fn random_call(&self, random: &mut Random) -> u64 {
        let (whole, other) = pair(random);
        match random.below(3) {
            0 => self.search(random, &whole, &other),
            1 => self.compare(random, &whole, &other),
            _ => self.copy(random, &whole, &other),
        }
        1
    }

    fn search(&self, random: &mut Random, whole: &[u8], other: &[u8]) {
        let (x, y) = (self.left.text(whole), self.right.text(other));
        let c = c_int::from(random.choose(b"abc\x80\xff\x00"));
        let length = random.below(whole.len() as u64 + 2) as usize;
        // SAFETY: both are C strings, and `length` bytes of the first can be read.
        let (name, ours, hosts) = unsafe {
            match random.below(6) {
                0 => ("strstr", string::strstr(x, y).addr(), libc::strstr(x, y).addr()),
                1 => ("strpbrk", string::strpbrk(x, y).addr(), libc::strpbrk(x, y).addr()),
                2 => ("strspn", string::strspn(x, y), libc::strspn(x, y)),
                3 => ("strchr", string::strchr(x, c).addr(), libc::strchr(x, c).addr()),
                4 => ("strlen", string::strlen(x), libc::strlen(x)),
                _ => {
                    let x = x.cast();
                    ("memchr", string::memchr(x, c, length).addr(), libc::memchr(x, c, length).addr())
                }
            }
        };
        assert_eq!(ours, hosts, "{name} of {whole:?} and {other:?}, {c}, {length}: ours left, host right");
    }

    fn compare(&self, random: &mut Random, whole: &[u8], other: &[u8]) {
        let (x, y) = (self.left.text(whole), self.right.text(other));
        let least = whole.len().min(other.len());
        let length = random.below(least as u64 + 2) as usize;
        // SAFETY: both are C strings, and `length` bytes of each can be read.
        let (name, ours, hosts) = unsafe {
            match random.below(4) {
                0 => ("strcmp", string::strcmp(x, y), libc::strcmp(x, y)),
                1 => ("strcoll", string::strcoll(x, y), libc::strcoll(x, y)),
                2 => ("strncmp", string::strncmp(x, y, length), libc::strncmp(x, y, length)),
                _ => {
                    let (x, y) = (x.cast(), y.cast());
                    ("memcmp", string::memcmp(x, y, length), libc::memcmp(x, y, length))
                }
            }
        };
        let signs = (ours.signum(), hosts.signum());
        assert_eq!(signs.0, signs.1, "{name} of {whole:?} and {other:?}, {length}: ours left, host right");
    }

    /// The same call twice on equal blocks, at whose end it writes: by the shim, and by the host.
    fn copy(&self, random: &mut Random, whole: &[u8], other: &[u8]) {
        let room = [whole, &vec![1; other.len() + 9]].concat();
        let from = self.right.text(other);
        let length = random.below(other.len() as u64 + 2) as usize;
        let (to, source) = (random.below(room.len() as u64 + 1), random.below(room.len() as u64 + 1));
        let moved = random.below(room.len() as u64 - to.max(source) + 1) as usize;
        let (kind, byte) = (random.below(4), random.bits() as c_int);
        let call = |host: bool| {
            let start = self.left.block(&room);
            // SAFETY: `moved` bytes lie in the block from `to` and from `source` on; `length` bytes of `from`, and all of it
            // with its zero, can be read and fit the block's end.
            unsafe {
                let (target, source) = (start.add(to as usize).cast(), start.add(source as usize).cast());
                let end = start.add(room.len());
                let (tail, text) = (end.sub(length).cast(), end.sub(other.len() + 1).cast());
                let answer = match (kind, host) {
                    (0, false) => string::memmove(target, source, moved),
                    (0, true) => libc::memmove(target.cast(), source.cast(), moved).cast(),
                    (1, false) => string::memset(target, byte, moved),
                    (1, true) => libc::memset(target.cast(), byte, moved).cast(),
                    (2, false) => string::memcpy(tail, from.cast(), length),
                    (2, true) => libc::memcpy(tail.cast(), from.cast(), length).cast(),
                    (_, false) => string::strcpy(text, from).cast(),
                    (_, true) => libc::strcpy(text, from).cast(),
                };
                (answer.addr(), std::slice::from_raw_parts(start, room.len()).to_vec())
            }
        };
        let name = ["memmove", "memset", "memcpy", "strcpy"][kind as usize];
        assert_eq!(call(false), call(true), "{name}: ours left, host right");
    }
}
