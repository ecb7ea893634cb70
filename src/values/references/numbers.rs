//! How the host's numbers stand: a hash table with open addressing, whose growth can fail.

use crate::bytes::list::List;

/// How a number stands.
#[derive(Clone, Copy)]
pub enum Standing {
    /// It is not in Lua, and the host knows.
    Unknown,
    /// So many userdata of it have their finalizers to come.
    Live(u32),
    /// It stands in the queue, at `index`, since Lua dropped it, or it is announced: it is to arrive.
    Waits { index: usize, announced: bool },
}

#[derive(Clone, Copy)]
struct Slot {
    number: u32,
    /// `None` in an empty slot.
    standing: Option<Standing>,
}

/// Slots of the smallest table.
const LEAST: usize = 8;

const EMPTY: Slot = Slot { number: 0, standing: None };

/// A number stands in the first slot from its own on that was free; there is always an empty one.
pub struct Numbers {
    /// None, or a power of two of them.
    slots: List<Slot>,
    used: usize,
}

impl Numbers {
    /// An empty table; allocates nothing.
    pub const fn new() -> Self {
        Self { slots: List::new(), used: 0 }
    }

    /// The slot that a number wants.
    fn home(&self, number: u32) -> usize {
        let mixed = number.wrapping_mul(0x9e37_79b1);
        (mixed ^ mixed >> 16) as usize & self.slots.as_slice().len().wrapping_sub(1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & self.slots.as_slice().len().wrapping_sub(1)
    }

    /// Where a number stands, or the empty slot where it would; past the end when there is no slot.
    fn find(&self, number: u32) -> usize {
        let mut at = self.home(number);
        while self
            .slots
            .as_slice()
            .get(at)
            .is_some_and(|slot| slot.standing.is_some() && slot.number != number)
        {
            at = self.after(at);
        }
        at
    }

    pub fn get(&self, number: u32) -> Standing {
        let slot = self.slots.as_slice().get(self.find(number));
        slot.and_then(|slot| slot.standing).unwrap_or(Standing::Unknown)
    }

    /// Notes how a number stands; one that is not in the table needs room (see [`Self::reserve`]) unless it is unknown.
    pub fn set(&mut self, number: u32, standing: Standing) {
        let at = self.find(number);
        let Some(slot) = self.slots.as_mut_slice().get_mut(at) else { return };
        let was_empty = slot.standing.is_none();
        match standing {
            Standing::Unknown if was_empty => {}
            Standing::Unknown => self.remove(at),
            _ => {
                *slot = Slot { number, standing: Some(standing) };
                self.used += usize::from(was_empty);
            }
        }
    }

    /// Empties a slot. Those behind it whose numbers want one before the gap move into it.
    fn remove(&mut self, mut gap: usize) {
        let mut at = self.after(gap);
        while let Some(slot) = self.slots.as_slice().get(at).copied().filter(|slot| slot.standing.is_some()) {
            let len = self.slots.as_slice().len();
            let distance = |to: usize| to.wrapping_sub(self.home(slot.number)) & (len - 1);
            if distance(gap) < distance(at) {
                self.write(gap, slot);
                gap = at;
            }
            at = self.after(at);
        }
        self.write(gap, EMPTY);
        self.used -= 1;
    }

    fn write(&mut self, at: usize, slot: Slot) {
        if let Some(place) = self.slots.as_mut_slice().get_mut(at) {
            *place = slot;
        }
    }

    /// Makes room for so many more; false, and nothing changed, when memory is out.
    #[must_use]
    pub fn reserve(&mut self, more: usize) -> bool {
        let len = self.slots.as_slice().len();
        let needed = self.used.saturating_add(more);
        if needed <= len / 4 * 3 {
            return true;
        }
        self.rebuild((2 * len).max(needed.saturating_mul(2).next_power_of_two()).max(LEAST))
    }

    /// Whether most of the slots have been empty since a time when there were many numbers.
    pub fn is_sparse(&self) -> bool {
        self.slots.as_slice().len() > LEAST.max(8 * self.used)
    }

    /// Gives back the memory that the numbers do not need, if there is some for the smaller table.
    pub fn shrink(&mut self) {
        let _ = self.rebuild((2 * self.used).next_power_of_two().max(LEAST));
    }

    /// Moves all numbers into so many slots; false, and nothing changed, when memory is out.
    fn rebuild(&mut self, len: usize) -> bool {
        let mut rebuilt = Self::new();
        if !rebuilt.slots.reserve_many(len) {
            return false;
        }
        for _ in 0..len {
            if !rebuilt.slots.push(EMPTY) {
                return false;
            }
        }
        for slot in self.slots.as_slice() {
            if let Some(standing) = slot.standing {
                rebuilt.set(slot.number, standing);
            }
        }
        core::mem::swap(self, &mut rebuilt);
        true
    }

    /// Forgets all, and the memory, which is gone already.
    pub fn forget(&mut self) {
        self.slots.forget();
        self.used = 0;
    }

    /// Forgets all and gives all memory back.
    pub fn free(&mut self) {
        self.slots.free();
        self.used = 0;
    }
}
