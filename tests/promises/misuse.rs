//! No export traps or changes anything it should not, whatever it is given and whatever went before.

use moonlet_tests::model::{FIGURES, OPTIONS, VALUES, set_answer};
use moonlet_tests::{Lua, Random, Version, option, status};

/// What the host may have done before it makes a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nothing,
    Success,
    Syntax,
    Runtime,
    Memory,
    Exit,
    Reset,
    FullMemory,
    FullOutput,
}

const ALL: [Before; 9] = [
    Before::Nothing,
    Before::Success,
    Before::Syntax,
    Before::Runtime,
    Before::Memory,
    Before::Exit,
    Before::Reset,
    Before::FullMemory,
    Before::FullOutput,
];

const BUFFER: &[u8] = b"return 'the live buffer'";

/// An instance in one of those states, in which the host holds a buffer.
struct Bench {
    lua: Lua,
    version: Version,
    before: Before,
    buffer: (u32, u32),
    /// What the buffers of an earlier call were.
    gone: (u32, u32),
}

impl Bench {
    fn new(version: Version, before: Before) -> Self {
        let mut lua = Lua::new(version);
        let (source, expected) = match before {
            Before::Nothing => ("", 0),
            Before::Success | Before::Reset => ("x = 'kept' return x", 0),
            Before::Syntax => ("x = = 1", status::ERRSYNTAX),
            Before::Runtime => ("error('failed')", status::ERRRUN),
            Before::Memory => ("return ('x'):rep(1 << 30):rep(2)", status::ERRMEM),
            Before::Exit => ("os.exit(3)", status::EXIT),
            Before::FullMemory => ("t = {} while true do t[#t + 1] = {} end", status::ERRMEM),
            Before::FullOutput => ("while true do io.write('0123456789') end", status::OUTPUT),
        };
        match before {
            Before::Memory | Before::FullMemory => assert_eq!(lua.set(option::MEMORY, 300_000.0), status::OK),
            Before::FullOutput => assert_eq!(lua.set(option::OUTPUT, 100.0), status::OK),
            _ => {}
        }
        let gone = lua.put(source.as_bytes());
        if before != Before::Nothing {
            assert_eq!(lua.call::<_, i32>("compute", gone).min(0), -expected, "{before:?}");
        }
        lua.take(gone);
        if before == Before::Reset {
            assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        }
        let buffer = lua.put(BUFFER);
        Self { lua, version, before, buffer, gone }
    }

    /// The same state in an instance of its own.
    fn fork(&self) -> Self {
        let mut lua = Lua::new(self.version);
        lua.restore(&self.lua.snapshot());
        Self { lua, version: self.version, before: self.before, buffer: self.buffer, gone: self.gone }
    }

    fn size(&self) -> u32 {
        u32::try_from(self.lua.memory.data_size(&self.lua.store)).expect("less than 4 GiB")
    }

    /// Pointers and lengths at which something changes.
    fn boundaries(&mut self) -> Vec<u32> {
        let result: u32 = self.lua.call("result_ptr", ());
        let output: u32 = self.lua.call("output_ptr", ());
        let build: u32 = self.lua.call("build_id_ptr", ());
        let (ptr, len) = self.buffer;
        let size = self.size();
        let mut values = vec![0, 1, 7, 8, 15, 16, 17, 255, 4096, 65_535, 65_536];
        values.extend([build - 1, build, build + 32, result, result + 1, output, self.gone.0]);
        values.extend([
            ptr - 32,
            ptr - 16,
            ptr - 1,
            ptr,
            ptr + 1,
            ptr + len / 2,
            ptr + len - 1,
            ptr + len,
            ptr + len + 1,
            len,
        ]);
        values.extend([size - 17, size - 16, size - 1, size, size + 1, size - ptr, size - ptr + 1]);
        values.extend([
            0x7fff_ffff,
            0x8000_0000,
            0x8000_0001,
            0xffff_0000,
            0xffff_fff0,
            0xffff_fff8,
            0xffff_ffff,
        ]);
        values
    }

    /// Whether these bytes can be read: the contract's "lies within memory".
    fn readable(&self, ptr: u32, len: u32) -> bool {
        let ends = u64::from(ptr) + u64::from(len);
        if len == 0 { ends < 1 << 32 } else { ptr != 0 && ends <= u64::from(self.size()) }
    }

    fn status(&mut self) -> i32 {
        self.lua.call("status", ())
    }

    fn used(&mut self) -> f64 {
        self.lua.get(option::MEMORY_USED)
    }

    /// The buffer is as it was, and Lua still computes.
    fn assert_intact(&mut self, context: &str) {
        let (ptr, len) = self.buffer;
        assert_eq!(self.lua.read(ptr, len), BUFFER, "{context}, after {:?}", self.before);
        let answer: i32 = self.lua.call("compute", self.buffer);
        let text = String::from_utf8_lossy(&self.lua.result()).into_owned();
        assert!(answer > 0, "{context}, after {:?}: {answer} {text}", self.before);
        assert_eq!(self.lua.result(), b"the live buffer", "{context}, after {:?}", self.before);
        self.lua.assert_usable();
    }

    /// What Lua still uses when it has thrown all away that it can.
    fn settled(&mut self) -> f64 {
        // A long result is given back, so what the last one left in its buffer does not count.
        self.lua.eval("return ('x'):rep(5000)");
        // The main thread's stack, in which chunks are loaded, shrinks to more than it started with.
        self.lua.run("= syntax error");
        // What the task's thread keeps for the next calls is as much after the same depth.
        let run = self.lua.run(
            "local function f(n) return n > 0 and 1 + f(n - 1) or 0 end f(150) collectgarbage() collectgarbage() return ''",
        );
        assert_eq!(run.answer, 0, "{}", run.text());
        self.used()
    }
}

/// The statuses that text found in memory may end in.
const ANY_TEXT: [i32; 5] = [status::OK, status::ERRRUN, status::ERRSYNTAX, status::ERRMEM, status::EXIT];

fn sweep_compute(bench: &mut Bench) {
    let values = bench.boundaries();
    let mut used = f64::NAN;
    for &ptr in &values {
        for &len in &values {
            let readable = bench.readable(ptr, len);
            let answer: i32 = bench.lua.call("compute", (ptr, len));
            let context = format!("compute({ptr:#x}, {len:#x}) = {answer}, after {:?}", bench.before);
            assert_eq!(bench.status(), -answer.min(0), "{context}");
            if readable {
                assert!(ANY_TEXT.contains(&-answer.min(0)), "{context}");
            } else {
                assert_eq!(answer, -status::BAD_ARGUMENT, "{context}");
                assert!(!bench.lua.result().is_empty(), "{context}");
            }
        }
        bench.assert_intact("compute");
        if bench.before != Before::FullMemory {
            let now = bench.settled();
            // Stacks and their lists keep a little more or less of what they grew to; what leaks with each call is more.
            assert!(
                used.is_nan() || now <= used + 512.0,
                "compute leaks, after {:?}: {used} {now}",
                bench.before
            );
            used = if used.is_nan() { now } else { used };
        }
    }
}

fn sweep_dealloc(bench: &mut Bench) {
    let values = bench.boundaries();
    let other = bench.lua.put(b"another buffer");
    let memory = bench.lua.snapshot();
    for &ptr in &values {
        for &len in &values {
            if (ptr, len) != bench.buffer {
                bench.lua.call::<_, ()>("dealloc", (ptr, len));
            }
        }
        assert!(bench.lua.snapshot() == memory, "dealloc of what is no buffer changes nothing: {ptr:#x}");
    }
    bench.lua.take(other);
    let used = bench.used();
    bench.lua.take(other);
    assert_eq!(bench.used(), used, "a second dealloc is ignored");
    bench.assert_intact("dealloc");
}

fn sweep_alloc(bench: &mut Bench) {
    // So much that the sum with a huge length overflows.
    bench.lua.call::<_, u32>("alloc", 1 << 17);
    let used = bench.used();
    let limit = bench.lua.get(option::MEMORY);
    for len in bench.boundaries() {
        let ptr: u32 = bench.lua.call("alloc", len);
        let context = format!("alloc({len:#x}) = {ptr:#x}, after {:?}", bench.before);
        if limit != 0.0 {
            assert!(ptr == 0 || f64::from(len) < limit, "{context}");
        }
        assert!(ptr == 0 || len < 0x7fff_0000, "{context}");
        assert!(ptr != 0 || len > 17, "{context}");
        assert_eq!(ptr % 16, 0, "{context}");
        if ptr != 0 {
            assert!(u64::from(ptr) + u64::from(len) <= u64::from(bench.size()), "{context}");
            let (start, end) = (ptr as usize, (ptr + len) as usize);
            bench.lua.memory.data_mut(&mut bench.lua.store)[start..end].fill(0xff);
            bench.lua.call::<_, ()>("dealloc", (ptr, len.wrapping_add(1)));
            assert!(bench.used() > used, "a wrong length is ignored: {context}");
            bench.lua.call::<_, ()>("dealloc", (ptr, len));
        }
        assert_eq!(bench.used(), used, "{context}");
    }
    bench.assert_intact("alloc");
}

fn sweep_read_file(bench: &mut Bench) {
    // No boundary is the length of this name, so nothing names the file by chance.
    let name = "a file of the sweep";
    let written = bench.lua.write_file(name, b"contents") == status::OK;
    assert!(written || bench.before == Before::FullMemory);
    let values = bench.boundaries();
    let (used, last) = (bench.used(), bench.status());
    let result = bench.lua.result();
    for &ptr in &values {
        for &len in &values {
            let answer: i32 = bench.lua.call("read_file", (ptr, len));
            let removed: i32 = bench.lua.call("remove_file", (ptr, len));
            let context = format!("read_file({ptr:#x}, {len:#x}) = {answer}, after {:?}", bench.before);
            assert!(removed == -answer, "remove_file answers {removed}: {context}");
            // No such file, not enough memory for the name, or no name at all.
            let allowed: &[i32] = match bench.readable(ptr, len) {
                true => &[-status::BAD_ARGUMENT, -status::ERRMEM],
                false => &[-status::BAD_ARGUMENT],
            };
            assert!(allowed.contains(&answer), "{context}");
            assert_eq!(bench.status(), last, "read_file is no run: {context}");
        }
        assert_eq!(bench.used(), used, "read_file of {ptr:#x} leaks");
    }
    assert_eq!(bench.lua.result(), result, "what was refused left the result");
    if bench.before != Before::FullMemory {
        assert_eq!(bench.lua.read_file(name).as_deref(), Ok(&b"contents"[..]));
    }
    bench.assert_intact("read_file");
}

fn sweep_write_input(bench: &mut Bench) {
    let values = bench.boundaries();
    let last = bench.status();
    for &ptr in &values {
        for &len in &values {
            let answer: i32 = bench.lua.call("write_input", (ptr, len));
            let expected: &[i32] = match bench.readable(ptr, len) {
                true => &[status::OK, status::ERRMEM],
                false => &[status::BAD_ARGUMENT],
            };
            let context = format!("write_input({ptr:#x}, {len:#x}) = {answer}, after {:?}", bench.before);
            assert!(expected.contains(&answer), "{context}");
            let zone: i32 = bench.lua.call("time_zone", (ptr, len));
            let no_zone = if bench.readable(ptr, len) { status::BAD_DATA } else { status::BAD_ARGUMENT };
            assert_eq!(zone, no_zone, "time_zone: {context}");
            assert_eq!(bench.status(), last, "write_input is no run: {context}");
        }
    }
    // What was added may fill the memory, and only a reset drops it.
    assert_eq!(bench.lua.call::<_, i32>("reset", ()), status::OK);
    bench.assert_intact("write_input");
}

fn sweep_write_file(bench: &mut Bench) {
    let values = bench.boundaries();
    let mut random = Random(5);
    for number in 0..1500 {
        let [name, name_len, ptr, len] = [0; 4].map(|_: u32| *random.pick(&values));
        let (name, name_len) = if number % 2 == 0 { bench.buffer } else { (name, name_len) };
        let readable = bench.readable(name, name_len) && bench.readable(ptr, len);
        let answer: i32 = bench.lua.call("write_file", (name, name_len, ptr, len));
        let context = format!(
            "write_file({name:#x}, {name_len:#x}, {ptr:#x}, {len:#x}) = {answer}, after {:?}",
            bench.before
        );
        let expected: &[i32] = match (readable, name_len) {
            (false, _) | (_, 0) => &[status::BAD_ARGUMENT],
            // A name of slashes alone is none; memory may be out.
            _ => &[status::OK, status::ERRMEM, status::BAD_ARGUMENT],
        };
        assert!(expected.contains(&answer), "{context}");
        let unlimited = bench.lua.get(option::MEMORY) == 0.0;
        if readable && unlimited && (name, name_len) == bench.buffer {
            assert_eq!(answer, status::OK, "{context}");
        }
        if number % 100 == 0 {
            bench.assert_intact("write_file");
        }
    }
    bench.assert_intact("write_file");
}

fn sweep_options(bench: &mut Bench) {
    let started = !matches!(bench.before, Before::Nothing | Before::Reset);
    let keys = (0..=64).chain([255, 256, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]);
    let (used, last) = (bench.used(), bench.status());
    for key in keys {
        let old = bench.lua.get(key);
        for value in VALUES {
            let answer = bench.lua.set(key, value);
            let now = bench.lua.get(key);
            let context = format!("set({key}, {value}) = {answer}, after {:?}", bench.before);
            assert_eq!(answer, set_answer(key, value, started), "{context}");
            if answer == status::OK {
                assert_eq!(now, value, "{context}");
                assert_eq!(bench.lua.set(key, old), status::OK, "{context}");
            }
            assert_eq!(bench.lua.get(key).to_bits(), old.to_bits(), "{context}");
        }
        let known = FIGURES.contains(&key) || OPTIONS.iter().any(|(option, _)| *option == key);
        assert_eq!(old.is_nan(), !known, "option {key}");
    }
    assert_eq!((bench.used(), bench.status()), (used, last), "options are no runs and need no memory");
    bench.assert_intact("options");
}

/// Exports without arguments, in any order and any number.
fn sweep_rest(bench: &mut Bench) {
    let mut random = Random(9);
    for _ in 0..2000 {
        let names = [
            "result_ptr",
            "result_len",
            "status",
            "abi_version",
            "build_id_ptr",
            "info_ptr",
            "output_ptr",
            "output_len",
            "error_output_ptr",
            "error_output_len",
        ];
        let name = *random.pick(&names);
        let answer: u32 = bench.lua.call(name, ());
        let right = match name {
            "abi_version" => answer == 1 << 16,
            "status" => {
                ANY_TEXT.contains(&(answer as i32))
                    || [status::ERRERR, status::OUTPUT].contains(&(answer as i32))
            }
            "error_output_len" => answer == 0,
            "result_len" | "output_len" => answer < bench.size(),
            _ => answer != 0 && answer < bench.size(),
        };
        assert!(right, "{name}() = {answer}, after {:?}", bench.before);
    }
    let (ptr, len): (u32, u32) = (bench.lua.call("result_ptr", ()), bench.lua.call("result_len", ()));
    assert_eq!(bench.lua.read(ptr + len, 1), [0], "a NUL follows the result");
    bench.assert_intact("readers");
    let listed = bench.lua.list_files();
    assert!(
        listed == Ok(vec![0x90]) || listed == Err(status::ERRMEM),
        "{listed:x?}, after {:?}",
        bench.before
    );
    for _ in 0..100 {
        let name = *random.pick(&["output_clear", "error_output_clear", "reset"]);
        assert_eq!(bench.lua.call::<_, i32>(name, ()), status::OK);
        assert!(name == "error_output_clear" || bench.lua.call::<_, i32>("output_len", ()) == 0);
    }
    bench.assert_intact("reset");
}

fn sweep_all(version: Version, sweep: fn(&mut Bench)) {
    for before in ALL {
        sweep(&mut Bench::new(version, before).fork());
    }
}

for_each_version! {
    fn compute_takes_any_pointer_and_length(version: Version) {
        sweep_all(version, sweep_compute);
    }

    fn dealloc_ignores_what_is_no_buffer(version: Version) {
        sweep_all(version, sweep_dealloc);
    }

    fn alloc_gives_aligned_buffers_or_none(version: Version) {
        sweep_all(version, sweep_alloc);
    }

    fn read_file_takes_any_pointer_and_length(version: Version) {
        sweep_all(version, sweep_read_file);
    }

    fn write_input_takes_any_pointer_and_length(version: Version) {
        sweep_all(version, sweep_write_input);
    }

    fn write_file_takes_any_pointers_and_lengths(version: Version) {
        sweep_all(version, sweep_write_file);
    }

    fn options_take_any_key_and_value(version: Version) {
        sweep_all(version, sweep_options);
    }

    fn the_other_exports_work_in_any_order(version: Version) {
        sweep_all(version, sweep_rest);
    }
}
