//! Streams and files of stdio.h, compared with the host's glibc: the same calls on a file of ours and on a real one.

#[path = "cases/names.rs"]
mod names;
#[path = "cases/random.rs"]
mod random;

use std::ffi::{CStr, CString, c_char, c_int, c_long};
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, MutexGuard};

use libc_shim::{errno, stdio};
use random::Random;

/// The shim has one thread; the tests of this file take turns.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A folder of the host for one test, which is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("moonlet-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    /// The path of a file, for C.
    fn path(&self, name: &str) -> CString {
        CString::new(self.0.join(name).to_str().expect("a path in UTF-8")).expect("no NUL")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn host_errno() -> c_int {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// One stream here and one of the host, opened alike.
struct Pair {
    ours: *mut stdio::FILE,
    hosts: *mut libc::FILE,
}

impl Pair {
    /// Opens both; `None` when both refuse, with the same error.
    fn open(ours: &CStr, hosts: &CStr, mode: &CStr) -> Option<Self> {
        // SAFETY: all are C strings.
        let pair = unsafe {
            Self {
                ours: stdio::fopen(ours.as_ptr(), mode.as_ptr()),
                hosts: libc::fopen(hosts.as_ptr(), mode.as_ptr()),
            }
        };
        assert_eq!(pair.ours.is_null(), pair.hosts.is_null(), "fopen {ours:?} {mode:?}");
        if pair.ours.is_null() {
            assert_eq!(errno::get(), host_errno(), "fopen {ours:?} {mode:?}");
            return None;
        }
        Some(pair)
    }

    fn close(self) {
        // SAFETY: both streams are open and are not used again.
        unsafe {
            assert_eq!(stdio::fclose(self.ours), 0);
            assert_eq!(libc::fclose(self.hosts), 0);
        }
    }

    /// Everything that can be asked about a stream.
    fn compare(&self, after: &str) {
        // SAFETY: both streams are open.
        unsafe {
            assert_eq!(stdio::ftell(self.ours), libc::ftell(self.hosts), "ftell after {after}");
            assert_eq!(stdio::feof(self.ours) != 0, libc::feof(self.hosts) != 0, "feof after {after}");
            assert_eq!(stdio::ferror(self.ours) != 0, libc::ferror(self.hosts) != 0, "ferror after {after}");
        }
    }

    fn seek(&self, offset: c_long, origin: c_int) {
        // SAFETY: both streams are open.
        unsafe {
            let (a, b) = (stdio::fseek(self.ours, offset, origin), libc::fseek(self.hosts, offset, origin));
            assert_eq!(a == 0, b == 0, "fseek {offset} {origin}");
        }
        self.compare(&format!("fseek {offset} {origin}"));
    }

    fn read(&self, random: &mut Random) {
        let size = random.below(3) as usize + 1;
        let count = random.below(12) as usize;
        let (mut ours, mut hosts) = ([0u8; 64], [0u8; 64]);
        // SAFETY: the buffers hold what is asked for.
        unsafe {
            let a = stdio::fread(ours.as_mut_ptr(), size, count, self.ours);
            let b = libc::fread(hosts.as_mut_ptr().cast(), size, count, self.hosts);
            assert_eq!(a, b, "fread {size} {count}");
        }
        assert_eq!(ours, hosts, "fread {size} {count}");
        self.compare("fread");
    }

    fn get(&self, push_back: bool) {
        // SAFETY: both streams are open.
        unsafe {
            let (a, b) = (stdio::getc(self.ours), libc::fgetc(self.hosts));
            assert_eq!(a, b, "getc");
            if push_back && a != stdio::EOF {
                assert_eq!(stdio::ungetc(a, self.ours), libc::ungetc(b, self.hosts), "ungetc");
            }
        }
        self.compare("getc");
    }

    fn line(&self, size: c_int) {
        let (mut ours, mut hosts) = ([0 as c_char; 64], [0 as c_char; 64]);
        // SAFETY: the buffers hold what is asked for.
        unsafe {
            let a = stdio::fgets(ours.as_mut_ptr(), size, self.ours);
            let b = libc::fgets(hosts.as_mut_ptr(), size, self.hosts);
            assert_eq!(a.is_null(), b.is_null(), "fgets {size}");
        }
        assert_eq!(ours, hosts, "fgets {size}");
        self.compare("fgets");
    }

    fn write(&self, random: &mut Random) {
        let text: Vec<u8> = (0..random.below(9)).map(|_| b"ab\ncd\0e"[random.below(7) as usize]).collect();
        // SAFETY: the buffer holds what is written, and the strings end in NUL.
        unsafe {
            match random.below(4) {
                0 => assert_eq!(
                    stdio::fputc(i32::from(b'x'), self.ours),
                    libc::fputc(i32::from(b'x'), self.hosts),
                    "fputc"
                ),
                1 => assert_eq!(
                    stdio::fputs(c"text".as_ptr(), self.ours) >= 0,
                    libc::fputs(c"text".as_ptr(), self.hosts) >= 0,
                    "fputs"
                ),
                2 => {
                    let number = random.below(1_000_000) as i64;
                    let ours = stdio::fprintf(self.ours, c"%lld".as_ptr(), (&raw const number).cast());
                    assert_eq!(ours, libc::fprintf(self.hosts, c"%lld".as_ptr(), number), "fprintf");
                }
                _ => assert_eq!(
                    stdio::fwrite(text.as_ptr(), 1, text.len(), self.ours),
                    libc::fwrite(text.as_ptr().cast(), 1, text.len(), self.hosts),
                    "fwrite"
                ),
            }
            assert_eq!(stdio::fflush(self.ours), 0);
            libc::fflush(self.hosts);
        }
    }
}

const MODES: [&CStr; 12] =
    [c"r", c"w", c"a", c"r+", c"w+", c"a+", c"rb", c"wb", c"ab", c"r+b", c"w+b", c"a+b"];

/// C wants a seek between reading and writing; a stream that only does one of them refuses the other.
#[test]
fn streams_do_what_the_hosts_do() {
    let _alone = alone();
    let folder = Folder::new("streams");
    let mut random = Random::new();
    for _ in 0..2_000 {
        let mode = MODES[random.below(MODES.len() as u64) as usize];
        let Some(pair) = Pair::open(c"file", &folder.path("file"), mode) else { continue };
        pair.compare(&format!("opening with {mode:?}"));
        let (reads, writes) = (mode.to_bytes()[0] == b'r', mode.to_bytes()[0] != b'r');
        let both = mode.to_bytes().contains(&b'+');
        for _ in 0..random.below(20) {
            match random.below(8) {
                0..=2 if reads || both => match random.below(3) {
                    0 => pair.read(&mut random),
                    1 => pair.get(random.below(2) == 0),
                    _ => pair.line(random.below(20) as c_int + 2),
                },
                3..=4 if writes || both => {
                    pair.seek(random.below(60) as c_long, random.below(2) as c_int * 2);
                    pair.write(&mut random);
                }
                // SAFETY: both streams are open.
                5 => unsafe {
                    stdio::clearerr(pair.ours);
                    libc::clearerr(pair.hosts);
                },
                _ => {}
            }
            pair.seek(random.below(50) as c_long - 5, random.below(3) as c_int);
        }
        pair.close();
        let real = std::fs::read(folder.0.join("file")).expect("the host's file");
        assert_eq!(contents("file"), Some(real), "after mode {mode:?}");
    }
    // SAFETY: a C string.
    unsafe { stdio::remove(c"file".as_ptr()) };
}

fn contents(name: &str) -> Option<Vec<u8>> {
    let name = libc_shim::filesystem::normalize(name.as_bytes()).expect("memory");
    // SAFETY: the file system holds live nodes only.
    libc_shim::filesystem::open(&name).map(|node| unsafe { (*node).data.as_slice().to_vec() })
}

#[test]
fn reading_what_was_opened_for_writing_fails_as_on_the_host() {
    let _alone = alone();
    let folder = Folder::new("refused");
    let mut buffer = [0u8; 4];
    let pair = Pair::open(c"refused", &folder.path("refused"), c"w").expect("a new file");
    // SAFETY: the streams are open and the buffer holds four bytes.
    unsafe {
        assert_eq!(stdio::fread(buffer.as_mut_ptr(), 1, 4, pair.ours), 0);
        assert_eq!(libc::fread(buffer.as_mut_ptr().cast(), 1, 4, pair.hosts), 0);
        assert_eq!(errno::get(), host_errno());
    }
    pair.compare("a refused read");
    pair.close();
    let pair = Pair::open(c"refused", &folder.path("refused"), c"r").expect("the file");
    // SAFETY: the streams are open and the buffer holds four bytes.
    unsafe {
        assert_eq!(stdio::fwrite(buffer.as_ptr(), 1, 4, pair.ours), 0);
        assert_eq!(libc::fwrite(buffer.as_ptr().cast(), 1, 4, pair.hosts), 0);
        assert_eq!(errno::get(), host_errno());
    }
    pair.compare("a refused write");
    pair.close();
}

#[test]
fn streams_without_a_name_work() {
    let _alone = alone();
    let mut buffer = [0u8; 5];
    let mut name = [0 as c_char; 20];
    // SAFETY: the buffers hold what is asked for, and the streams are open until they are closed.
    unsafe {
        let stream = stdio::tmpfile();
        assert_eq!(stdio::fwrite(b"hello".as_ptr(), 1, 5, stream), 5);
        assert_eq!(stdio::fseek(stream, 0, 0), 0);
        assert_eq!(stdio::fread(buffer.as_mut_ptr(), 1, 5, stream), 5);
        assert_eq!(&buffer, b"hello");
        assert_eq!(stdio::setvbuf(stream, ptr::null_mut(), 0, 0), 0);
        assert_ne!(stdio::setvbuf(stream, ptr::null_mut(), 7, 0), 0);
        assert_eq!(stdio::fclose(stream), 0);
        assert!(!stdio::tmpnam(name.as_mut_ptr()).is_null());
        let first = CStr::from_ptr(name.as_ptr()).to_owned();
        assert!(contents(first.to_str().expect("ASCII")).is_none(), "nothing has that name");
        let stream = stdio::fopen(first.as_ptr(), c"w".as_ptr());
        let stream = stdio::freopen(first.as_ptr(), c"r".as_ptr(), stream);
        assert_eq!(stdio::getc(stream), stdio::EOF);
        assert_eq!(stdio::fclose(stream), 0);
        assert!(!stdio::tmpnam(name.as_mut_ptr()).is_null());
        assert_ne!(CStr::from_ptr(name.as_ptr()), first.as_c_str(), "a name in use is not given again");
    }
}

#[test]
fn nothing_is_leaked_by_closed_streams_and_removed_files() {
    let _alone = alone();
    let before = libc_shim::heap::used();
    for _ in 0..100 {
        // SAFETY: all are C strings, and the stream is open until it is closed.
        unsafe {
            let stream = stdio::fopen(c"a/b".as_ptr(), c"w".as_ptr());
            stdio::fwrite(b"some bytes".as_ptr(), 1, 10, stream);
            stdio::rename(c"a/b".as_ptr(), c"c".as_ptr());
            stdio::remove(c"c".as_ptr());
            stdio::fputs(c"more".as_ptr(), stream);
            stdio::fclose(stream);
        }
    }
    assert_eq!(libc_shim::heap::used(), before);
}

/// Bytes that are written, and what the file must hold then.
type Step = (&'static [u8], &'static [u8]);

/// What a second stream sees of the file after each step, for ours and for the host's stream.
#[test]
fn a_buffer_holds_back_until_it_is_flushed() {
    let _alone = alone();
    let folder = Folder::new("buffers");
    let path = folder.path("file");
    let steps: [(c_int, usize, &[Step]); 4] = [
        (0, 100, &[(b"abc", b""), (b"d\n", b"")]),
        (1, 100, &[(b"abc", b""), (b"d\n", b"abcd\n"), (b"e", b"abcd\n")]),
        (2, 0, &[(b"abc", b"abc"), (b"d", b"abcd")]),
        (0, 4, &[(b"abc", b"")]),
    ];
    for (mode, size, writes) in steps {
        // SAFETY: the streams are open, and the buffers hold what is asked for.
        unsafe {
            let ours = stdio::fopen(c"buffered".as_ptr(), c"w".as_ptr());
            let hosts = libc::fopen(path.as_ptr(), c"w".as_ptr());
            assert_eq!(stdio::setvbuf(ours, ptr::null_mut(), mode, size), 0);
            assert_eq!(libc::setvbuf(hosts, ptr::null_mut(), mode, size), 0);
            let mut all = Vec::new();
            for (bytes, there) in writes {
                all.extend_from_slice(bytes);
                assert_eq!(stdio::fwrite(bytes.as_ptr(), 1, bytes.len(), ours), bytes.len());
                libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), hosts);
                assert_eq!(contents("buffered").as_deref(), Some(*there), "mode {mode}");
                assert_eq!(
                    std::fs::read(folder.0.join("file")).expect("a file"),
                    *there,
                    "mode {mode}, glibc"
                );
            }
            assert_eq!(stdio::ftell(ours), libc::ftell(hosts));
            assert_eq!((stdio::fclose(ours), libc::fclose(hosts)), (0, 0));
            assert_eq!(contents("buffered"), Some(all));
        }
    }
}

#[test]
fn a_full_device_takes_bytes_into_its_buffer_only() {
    let _alone = alone();
    // SAFETY: the streams are open until they are closed.
    unsafe {
        let stream = stdio::fopen(c"/dev/full".as_ptr(), c"w".as_ptr());
        assert_eq!(stdio::fwrite(b"abcd".as_ptr(), 1, 4, stream), 4);
        assert_eq!((stdio::fflush(stream), errno::get()), (-1, errno::ENOSPC));
        assert_eq!(stdio::setvbuf(stream, ptr::null_mut(), 2, 0), 0);
        assert_eq!(stdio::fwrite(b"abcd".as_ptr(), 1, 4, stream), 0);
        assert_eq!(stdio::fclose(stream), 0);
        assert_eq!(stdio::fflush(ptr::null_mut()), 0);
    }
}

/// What the devices say natively.
#[test]
fn devices_do_what_the_hosts_do() {
    let _alone = alone();
    for name in [c"/dev/null", c"/dev/full"] {
        for mode in [c"r", c"w", c"a", c"r+", c"w+", c"a+"] {
            let pair = Pair::open(name, name, mode).expect("a device");
            // SAFETY: the streams are open.
            unsafe {
                stdio::setvbuf(pair.ours, ptr::null_mut(), 2, 0);
                libc::setvbuf(pair.hosts, ptr::null_mut(), 2, 0);
            }
            pair.compare("opening");
            for (offset, origin) in [(5, 0), (0, 1), (-3, 2), (7, 2), (0, 9)] {
                pair.seek(offset, origin);
            }
            if mode != c"r" {
                // SAFETY: the streams are open, and the strings end in NUL.
                unsafe {
                    let (a, b) = (
                        stdio::fputs(c"text".as_ptr(), pair.ours),
                        libc::fputs(c"text".as_ptr(), pair.hosts),
                    );
                    assert_eq!(a >= 0, b >= 0, "{name:?} {mode:?}");
                    assert!(a >= 0 || errno::get() == host_errno(), "{name:?} {mode:?}");
                }
                // The host's library counts what it wrote, until it asks the device again.
                pair.seek(0, 0);
            }
            if name == c"/dev/null" && mode != c"w" && mode != c"a" {
                pair.seek(0, 0);
                pair.get(true);
                pair.line(10);
            }
            pair.close();
        }
    }
}
