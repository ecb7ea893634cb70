//! Snapshots that are not what was written are refused, and the instance stays what it was.

use moonlet_tests::snapshot::{self, Error, HEADER, PAGE, RECORD, Snapshot};
use moonlet_tests::{Lua, Random, Version};

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

    let mut refuses = |pages: u32, payload: &[u8], expected: Error| {
        let stored = Snapshot { pages, payload, ..original }.encode();
        assert_eq!(target.refuses(&stored), expected, "{pages} pages in {} bytes", payload.len());
    };
    let (pages, payload) = (original.pages, original.payload);
    let records = (payload.len() / RECORD) as u32;
    refuses(records - 1, payload, Error::DamagedHeader);
    refuses(pages, &payload[..payload.len() - 1], Error::DamagedHeader);
    refuses(pages - 1, payload, if pages == records { Error::DamagedHeader } else { Error::DamagedPayload });
    refuses(pages + 1, payload, Error::DamagedPayload);
    refuses(pages, &payload[..payload.len() - RECORD], Error::DamagedPayload);
    // The same page twice, and in the wrong order.
    let twice = [&payload[..RECORD], payload].concat();
    refuses(pages + 1, &twice, Error::DamagedPayload);
    let [first, rest] = [&payload[..RECORD], &payload[RECORD..]];
    refuses(pages, &[rest, first].concat(), Error::DamagedPayload);
    target.assert_untouched();

    let mut narrow = Lua::with_pages(version, target.before.len() >> 16);
    let last = (original.pages + 8).to_le_bytes();
    let far = [payload, &last, &[1; PAGE]].concat();
    let huge = Snapshot { pages: pages + 9, payload: &far, ..original };
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
    // A page in use beyond many that are not.
    lua.eval("x = nil garbage = ('x'):rep(1 << 20) keep = {} garbage = nil");
    lua.call::<_, f64>("compact", ());
    let stored = snapshot::save(&mut lua).expect("not poisoned");
    let memory = lua.snapshot();
    let zero = |page: &&[u8]| page.iter().all(|byte| *byte == 0);
    let pages = memory.len() / PAGE - memory.rchunks(PAGE).take_while(|page| zero(page)).count();
    assert!(pages < memory.len() / PAGE, "there are pages of zeros");
    assert_eq!(
        &stored[..24],
        [
            &b"MOONSNAP"[..],
            &2u32.to_le_bytes(),
            &(1u32 << 16).to_le_bytes(),
            &504u32.to_le_bytes(),
            &(pages as u32).to_le_bytes(),
        ]
        .concat()
    );
    assert_eq!(stored[56..64], (stored.len() as u64 - 128).to_le_bytes());
    let mut copy = vec![0; memory.len()];
    for record in stored[128..].chunks(4 + PAGE) {
        let number = u32::from_le_bytes(record[..4].try_into().expect("four bytes")) as usize;
        assert!(!zero(&&record[4..]), "page {number} is left out");
        copy[number * PAGE..][..PAGE].copy_from_slice(&record[4..]);
    }
    assert!(copy == memory);
}

both_versions! {
    every_damage_is_refused
    what_does_not_fit_is_refused
    node_refuses_damage_too
}
