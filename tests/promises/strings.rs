//! The string functions as they are in the built module: all small lengths and alignments, up to the very end of memory.
//!
//! The build leaves a module beside the shipped one that exports the shim's functions too.

use moonlet_tests::Version;
use wasmtime::{Instance, Memory, Module, Store, TypedFunc};

/// The longest string tried; longer than any step that a word at a time may take.
const LONGEST: u32 = 33;

struct Shim {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    end: u32,
}

impl Shim {
    fn new() -> Self {
        let path = Version::Lua54.path().with_file_name("lua54.symbols.wasm");
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; make it: cargo xtask build", path.display()));
        let engine = Version::Lua54.module().engine();
        let mut store = Store::new(engine, ());
        let module = Module::new(engine, bytes).expect("a valid module");
        let instance = Instance::new(&mut store, &module, &[]).expect("a module without imports");
        let memory = instance.get_memory(&mut store, "memory").expect("a memory");
        memory.grow(&mut store, 1).expect("one more page");
        let end = memory.data_size(&store) as u32;
        Self { store, instance, memory, end }
    }

    fn function<P: wasmtime::WasmParams>(&mut self, name: &str) -> TypedFunc<P, i32> {
        self.instance.get_typed_func(&mut self.store, name).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Puts bytes so that they end `before_end` bytes before the end of memory; their address.
    fn put(&mut self, bytes: &[u8], before_end: u32) -> u32 {
        let at = self.end - before_end - bytes.len() as u32;
        self.memory.write(&mut self.store, at as usize, bytes).expect("in memory");
        at
    }

    fn bytes(&self, at: u32, len: u32) -> Vec<u8> {
        self.memory.data(&self.store)[at as usize..(at + len) as usize].to_vec()
    }
}

fn sign(order: std::cmp::Ordering) -> i32 {
    order as i32
}

/// Bytes without NUL that differ from place to place.
fn text(len: u32) -> Vec<u8> {
    (0..len).map(|place| b'a' + (place % 23) as u8).collect()
}

fn with_nul(bytes: &[u8]) -> Vec<u8> {
    [bytes, b"\0"].concat()
}

#[test]
fn lengths_are_right_up_to_the_end_of_memory() {
    let mut shim = Shim::new();
    let strlen = shim.function::<u32>("strlen");
    for len in 0..LONGEST {
        for before_end in 0..9 {
            let at = shim.put(&with_nul(&text(len)), before_end);
            assert_eq!(strlen.call(&mut shim.store, at).expect("no trap"), len as i32);
        }
    }
}

#[test]
fn searches_are_right_up_to_the_end_of_memory() {
    let mut shim = Shim::new();
    let memchr = shim.function::<(u32, i32, u32)>("memchr");
    let strchr = shim.function::<(u32, i32)>("strchr");
    let strpbrk = shim.function::<(u32, u32)>("strpbrk");
    let strspn = shim.function::<(u32, u32)>("strspn");
    let strstr = shim.function::<(u32, u32)>("strstr");
    for len in 0..LONGEST {
        for before_end in 0..9 {
            for place in 0..=len {
                let mut bytes = text(len);
                let found = place < len;
                if found {
                    bytes[place as usize] = b'#';
                }
                let at = shim.put(&bytes, before_end);
                let expected = if found { (at + place) as i32 } else { 0 };
                assert_eq!(
                    memchr.call(&mut shim.store, (at, 0x100 + i32::from(b'#'), len)).expect("no trap"),
                    expected
                );
                let at = shim.put(&with_nul(&bytes), before_end);
                let expected = if found { (at + place) as i32 } else { 0 };
                let set = shim.end - 200;
                shim.memory.write(&mut shim.store, set as usize, b"!#\0").expect("in memory");
                assert_eq!(strchr.call(&mut shim.store, (at, i32::from(b'#'))).expect("no trap"), expected);
                assert_eq!(strpbrk.call(&mut shim.store, (at, set)).expect("no trap"), expected);
                shim.memory.write(&mut shim.store, set as usize, b"#\0").expect("in memory");
                assert_eq!(strstr.call(&mut shim.store, (at, set)).expect("no trap"), expected);
                shim.memory
                    .write(&mut shim.store, set as usize, b"abcdefghijklmnopqrstuvw\0")
                    .expect("in memory");
                assert_eq!(strspn.call(&mut shim.store, (at, set)).expect("no trap"), place.min(len) as i32);
            }
            let at = shim.put(&with_nul(&text(len)), before_end);
            assert_eq!(
                strchr.call(&mut shim.store, (at, 0)).expect("no trap"),
                (at + len) as i32,
                "the NUL is found"
            );
        }
    }
}

#[test]
fn comparisons_are_right_up_to_the_end_of_memory() {
    let mut shim = Shim::new();
    let memcmp = shim.function::<(u32, u32, u32)>("memcmp");
    let strcmp = shim.function::<(u32, u32)>("strcmp");
    let strcoll = shim.function::<(u32, u32)>("strcoll");
    for len in 0..LONGEST {
        for before_end in 0..9 {
            for place in 0..=len {
                for change in [0x01u8, 0x80, 0xff] {
                    let (one, mut two) = (text(len), text(len));
                    if place < len {
                        two[place as usize] ^= change;
                    }
                    let far = shim.put(&one, 100 + before_end);
                    let near = shim.put(&two, before_end);
                    let order = memcmp.call(&mut shim.store, (far, near, len)).expect("no trap");
                    assert_eq!(order.signum(), sign(one.cmp(&two)), "{len} {place} {change}");
                    let (one, two) = (with_nul(&one), with_nul(&two));
                    let far = shim.put(&one, 100 + before_end);
                    let near = shim.put(&two, before_end);
                    for function in [&strcmp, &strcoll] {
                        let order = function.call(&mut shim.store, (far, near)).expect("no trap");
                        assert_eq!(order.signum(), sign(one.cmp(&two)), "{len} {place} {change}");
                    }
                }
            }
        }
    }
}

#[test]
fn copies_are_right_up_to_the_end_of_memory() {
    let mut shim = Shim::new();
    let memcpy = shim.function::<(u32, u32, u32)>("memcpy");
    let memmove = shim.function::<(u32, u32, u32)>("memmove");
    let memset = shim.function::<(u32, i32, u32)>("memset");
    let strcpy = shim.function::<(u32, u32)>("strcpy");
    for len in 0..LONGEST {
        for before_end in 0..9 {
            let (from, to) = (shim.end - 200 - before_end, shim.end - before_end - len);
            for (function, name) in [(&memcpy, "memcpy"), (&memmove, "memmove")] {
                shim.memory.write(&mut shim.store, from as usize, &text(len)).expect("in memory");
                shim.put(&[0; 64], 0);
                assert_eq!(function.call(&mut shim.store, (to, from, len)).expect("no trap"), to as i32);
                assert_eq!(shim.bytes(to, len), text(len), "{name}");
                assert_eq!(shim.bytes(to - 1, 1), [0], "{name} writes nothing before");
            }
            for shift in 0..len {
                // Overlapping, in both directions.
                let at = shim.put(&text(len), before_end);
                memmove.call(&mut shim.store, (at, at + shift, len - shift)).expect("no trap");
                assert_eq!(shim.bytes(at, len - shift), text(len)[shift as usize..]);
                let at = shim.put(&text(len), before_end);
                memmove.call(&mut shim.store, (at + shift, at, len - shift)).expect("no trap");
                assert_eq!(shim.bytes(at + shift, len - shift), text(len)[..(len - shift) as usize]);
            }
            let at = shim.put(&text(len), before_end);
            assert_eq!(memset.call(&mut shim.store, (at, 0x1ab, len)).expect("no trap"), at as i32);
            assert_eq!(shim.bytes(at, len), vec![0xab; len as usize]);
            let (from, to) = (shim.end - 300, shim.end - before_end - len - 1);
            shim.memory.write(&mut shim.store, from as usize, &with_nul(&text(len))).expect("in memory");
            assert_eq!(strcpy.call(&mut shim.store, (to, from)).expect("no trap"), to as i32);
            assert_eq!(shim.bytes(to, len + 1), with_nul(&text(len)));
        }
    }
}
