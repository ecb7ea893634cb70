//! Names of files, as the host's glibc has them: a part of `files.rs`.

use std::ffi::CString;

use libc_shim::{errno, stdio};

use super::random::Random;
use super::{Folder, Pair, alone, contents, host_errno};

/// Remove, rename, and what stays of a file that is open meanwhile.
#[test]
fn names_do_what_the_hosts_do() {
    let _alone = alone();
    let folder = Folder::new("names");
    let names = ["one", "two", "three"];
    let mut random = Random::new();
    let path = |name: &str| CString::new(name).expect("no NUL");
    for _ in 0..2_000 {
        let name = names[random.below(3) as usize];
        let other = names[random.below(3) as usize];
        // SAFETY: all are C strings.
        let (ours, hosts) = unsafe {
            match random.below(3) {
                0 => (stdio::remove(path(name).as_ptr()), libc::remove(folder.path(name).as_ptr())),
                1 => (
                    stdio::rename(path(name).as_ptr(), path(other).as_ptr()),
                    libc::rename(folder.path(name).as_ptr(), folder.path(other).as_ptr()),
                ),
                _ => {
                    let pair =
                        Pair::open(&path(name), &folder.path(name), c"a").expect("appending makes the file");
                    pair.write(&mut random);
                    let number = [random.below(256) as u8];
                    stdio::fwrite(number.as_ptr(), 1, 1, pair.ours);
                    libc::fwrite(number.as_ptr().cast(), 1, 1, pair.hosts);
                    pair.close();
                    (0, 0)
                }
            }
        };
        assert_eq!(ours, hosts, "{name} {other}");
        if ours != 0 {
            assert_eq!(errno::get(), host_errno(), "{name} {other}");
        }
        for name in names {
            assert_eq!(contents(name), std::fs::read(folder.0.join(name)).ok(), "{name}");
        }
    }
}

#[test]
fn names_of_no_file_are_refused_as_on_the_host() {
    let _alone = alone();
    let folder = Folder::new("refusals");
    let ours = |name: &str| CString::new(name).expect("no NUL");
    let pair = Pair::open(c"solid", &folder.path("solid"), c"w").expect("a new file");
    pair.close();
    for name in ["solid/x", "solid/x/y", "missing", "new/"] {
        let mode = if name == "missing" { c"r" } else { c"w" };
        assert!(Pair::open(&ours(name), &folder.path(name), mode).is_none(), "{name}");
    }
    for name in ["solid/x", "missing"] {
        // SAFETY: all are C strings.
        unsafe {
            assert_eq!(
                (stdio::remove(ours(name).as_ptr()), libc::remove(folder.path(name).as_ptr())),
                (-1, -1)
            );
            assert_eq!(errno::get(), host_errno(), "remove {name}");
            let (a, b) = (ours("solid"), folder.path("solid"));
            if name != "missing" {
                let there = (
                    stdio::rename(a.as_ptr(), ours(name).as_ptr()),
                    libc::rename(b.as_ptr(), folder.path(name).as_ptr()),
                );
                assert_eq!(there, (-1, -1));
                assert_eq!(errno::get(), host_errno(), "rename to {name}");
            }
            let back = (
                stdio::rename(ours(name).as_ptr(), a.as_ptr()),
                libc::rename(folder.path(name).as_ptr(), b.as_ptr()),
            );
            assert_eq!(back, (-1, -1));
            assert_eq!(errno::get(), host_errno(), "rename from {name}");
        }
    }
    for path in [c"", c"/", c".", c"a/..", c"dev", c"/dev/"] {
        // SAFETY: a C string.
        assert!(unsafe { stdio::fopen(path.as_ptr(), c"w".as_ptr()) }.is_null());
        assert_eq!(errno::get(), if path.is_empty() { errno::ENOENT } else { errno::EISDIR });
    }
    // SAFETY: a C string.
    assert_eq!(unsafe { stdio::remove(c"solid".as_ptr()) }, 0);
}

#[test]
fn a_file_is_no_folder() {
    let _alone = alone();
    // SAFETY: the streams are open until they are closed.
    unsafe {
        stdio::fclose(stdio::fopen(c"plain".as_ptr(), c"w".as_ptr()));
        for below in [c"plain/x", c"plain/x/y"] {
            assert!(stdio::fopen(below.as_ptr(), c"w".as_ptr()).is_null());
            assert_eq!(errno::get(), errno::ENOTDIR);
        }
        assert_eq!(stdio::remove(c"plain".as_ptr()), 0);
        assert_eq!(stdio::fclose(stdio::fopen(c"plain/x".as_ptr(), c"w".as_ptr())), 0);
    }
}
