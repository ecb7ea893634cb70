//! Snapshots that are not what was written are refused, and the instance stays what it was.

use moonlet_tests::snapshot::{self, Error, HEADER, Snapshot};
use moonlet_tests::{Lua, Random, Version, option, status};

use crate::node::Node;
use crate::workload::{Trace, restored};

/// Bits of the payload that `make test` flips, for each version.
const FLIPS: u64 = 500;

/// A snapshot from the midst of a workload.
fn stored(version: Version) -> Vec<u8> {
    let mut trace = Trace::new(version, 3);
    trace.snapshots.swap_remove(trace.len() / 2)
}

fn flipped(stored: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = stored.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// An instance into which things are restored that cannot be.
struct Target {
    lua: Lua,
    before: Vec<u8>,
}

impl Target {
    fn new(version: Version) -> Self {
        let mut lua = Lua::new(version);
        lua.eval("kept = 'kept'");
        let before = lua.snapshot();
        Self { lua, before }
    }

    fn refuses(&mut self, bytes: &[u8]) -> Error {
        snapshot::restore(&mut self.lua, bytes).expect_err("a damaged snapshot was restored")
    }

    fn assert_untouched(&mut self) {
        assert!(self.lua.snapshot() == self.before, "a refused snapshot touched the instance");
        assert_eq!(self.lua.eval("return kept"), "kept");
    }
}

fn every_damage_is_refused(version: Version) {
    let flips = crate::amount("FLIPS", FLIPS);
    let stored = stored(version);
    let mut target = Target::new(version);
    for len in 0..stored.len() {
        assert!(matches!(target.refuses(&stored[..len]), Error::CutShort { .. }), "{len} bytes");
    }
    for bit in 0..HEADER * 8 {
        let error = target.refuses(&flipped(&stored, bit));
        let expected = match bit / 8 {
            0..8 => matches!(error, Error::NotASnapshot),
            8..12 => matches!(error, Error::Format(_)),
            _ => error == Error::DamagedHeader,
        };
        assert!(expected, "bit {bit} of the header: {error}");
    }
    let mut random = Random(17);
    for _ in 0..flips {
        let bit = HEADER * 8 + random.below((stored.len() - HEADER) as u64 * 8) as usize;
        assert_eq!(target.refuses(&flipped(&stored, bit)), Error::DamagedPayload, "bit {bit}");
    }
    for more in [1, 7, 1 << 16] {
        let longer = [&stored[..], &vec![0; more]].concat();
        assert!(matches!(target.refuses(&longer), Error::TooLong { .. }), "{more} bytes more");
    }
    target.assert_untouched();
    // None of it was refused for another reason.
    restored(version, &stored).assert_usable();
    println!(
        "{version:?}: {} truncations, {} flips of a header bit and {flips} of a payload bit refused; the instance untouched",
        stored.len(),
        HEADER * 8
    );
}

/// Whole snapshots that do not fit the instance.
fn what_does_not_fit_is_refused(version: Version) {
    let stored = stored(version);
    let original = Snapshot::decode(&stored).expect("a whole snapshot");
    let mut target = Target::new(version);

    let [one, other] = Version::ALL;
    let other = if version == one { other } else { one };
    let foreign = snapshot::save(&mut Lua::new(other)).expect("not poisoned");
    let error = target.refuses(&foreign);
    assert!(matches!(error, Error::OtherBuild { .. }), "{error}");
    let name = if other == Version::Lua54 { "(Lua 5.4)" } else { "(Lua 5.5)" };
    assert!(error.to_string().contains(name), "{error}");

    let pages = original.pages - 1;
    let length = Snapshot { pages, payload: original.payload, ..original }.encode();
    assert_eq!(target.refuses(&length), Error::DamagedHeader, "pages that are not the payload's");
    let small = Snapshot { pages: 1, payload: &original.payload[..1 << 16], ..original }.encode();
    assert!(matches!(target.refuses(&small), Error::NotFresh { pages: 1, .. }));
    target.assert_untouched();

    // An instance that was used takes a snapshot that fills all its memory, and no smaller one.
    snapshot::restore(&mut target.lua, &stored).expect("memory that has not grown");
    assert!(snapshot::save(&mut target.lua).expect("not poisoned") == stored);
    assert_eq!(target.lua.set(option::SLICE, 0.0), status::OK);
    target.lua.eval("kept = ('x'):rep(1 << 22)");
    assert!(matches!(target.refuses(&stored), Error::NotFresh { .. }));
    assert_eq!(target.lua.eval("return #kept"), "4194304");

    let mut narrow = Lua::with_pages(version, target.before.len() >> 16);
    let huge = Snapshot {
        pages: original.pages + 8,
        payload: &vec![0; (original.pages as usize + 8) << 16],
        ..original
    };
    let before = narrow.snapshot();
    assert!(matches!(snapshot::restore(&mut narrow, &huge.encode()), Err(Error::NoMemory { .. })));
    assert!(narrow.snapshot() == before);
    narrow.assert_usable();
}

/// The same on Node, whose host has the stored form from its description.
fn node_refuses_damage_too(version: Version) {
    let stored = stored(version);
    let mut node = Node::new(version);
    node.restore(&stored).expect("a whole snapshot");
    let mut refuse = |bytes: &[u8], reason: &str| {
        let error = node.restore(bytes).expect_err("a damaged snapshot was restored");
        assert!(error.contains(reason), "{error} instead of {reason}");
    };
    let mut random = Random(19);
    for len in (0..=HEADER).chain((0..40).map(|_| random.below(stored.len() as u64) as usize)) {
        refuse(&stored[..len], "cut short");
    }
    for bit in 0..HEADER * 8 {
        let reason = match bit / 8 {
            0..8 => "no snapshot",
            8..12 => "not known here",
            _ => "header is damaged",
        };
        refuse(&flipped(&stored, bit), reason);
    }
    for _ in 0..100 {
        let bit = HEADER * 8 + random.below((stored.len() - HEADER) as u64 * 8) as usize;
        refuse(&flipped(&stored, bit), "payload is damaged");
    }
    refuse(&[&stored[..], b"more"].concat(), "goes on after its end");
    let [one, other] = Version::ALL;
    let foreign =
        snapshot::save(&mut Lua::new(if version == one { other } else { one })).expect("not poisoned");
    refuse(&foreign, "another build");
    assert!(node.save() == stored, "refused snapshots touched the instance");
}

#[test]
fn the_form_is_the_one_described() {
    let mut lua = Lua::new(Version::Lua54);
    lua.eval("x = 1");
    let stored = snapshot::save(&mut lua).expect("not poisoned");
    let memory = lua.snapshot();
    assert_eq!(
        &stored[..24],
        [
            &b"MOONSNAP"[..],
            &1u32.to_le_bytes(),
            &(1u32 << 16).to_le_bytes(),
            &504u32.to_le_bytes(),
            &((memory.len() >> 16) as u32).to_le_bytes(),
        ]
        .concat()
    );
    assert_eq!(stored[56..64], (memory.len() as u64).to_le_bytes());
    assert!(stored[128..] == memory);
}

both_versions! {
    every_damage_is_refused
    what_does_not_fit_is_refused
    node_refuses_damage_too
}
