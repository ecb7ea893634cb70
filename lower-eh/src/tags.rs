//! Sets of tags.

/// A set of tag indices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TagSet {
    words: Vec<u64>,
}

impl TagSet {
    pub const fn new() -> Self {
        TagSet { words: Vec::new() }
    }

    pub fn of(tag: u32) -> Self {
        let mut set = TagSet::new();
        set.insert(tag);
        set
    }

    pub fn all(count: usize) -> Self {
        let mut set = TagSet::default();
        for tag in 0..count as u32 {
            set.insert(tag);
        }
        set
    }

    pub fn insert(&mut self, tag: u32) {
        let word = tag as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (tag % 64);
    }

    pub fn contains(&self, tag: u32) -> bool {
        self.words.get(tag as usize / 64).is_some_and(|word| word >> (tag % 64) & 1 == 1)
    }

    pub fn remove(&mut self, tag: u32) {
        if let Some(word) = self.words.get_mut(tag as usize / 64) {
            *word &= !(1 << (tag % 64));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether `tag` is the one member.
    pub fn is_only(&self, tag: u32) -> bool {
        self.contains(tag) && self.words.iter().map(|word| word.count_ones()).sum::<u32>() == 1
    }

    /// Adds the members of `other`; tells whether the set grew.
    pub fn extend(&mut self, other: &TagSet) -> bool {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        let mut grew = false;
        for (word, added) in self.words.iter_mut().zip(&other.words) {
            grew |= *added & !*word != 0;
            *word |= *added;
        }
        grew
    }

    pub fn without(&self, other: &TagSet) -> TagSet {
        let mut words = self.words.clone();
        for (word, removed) in words.iter_mut().zip(&other.words) {
            *word &= !*removed;
        }
        TagSet { words }
    }
}

#[cfg(test)]
mod tests {
    use super::TagSet;

    #[test]
    fn sets_beyond_one_word() {
        let mut set = TagSet::default();
        assert!(set.is_empty());
        set.insert(70);
        assert!(set.is_only(70) && !set.contains(6) && !set.contains(700));
        assert!(set.extend(&TagSet::all(3)));
        assert!(!set.extend(&TagSet::all(2)));
        assert!(set.without(&TagSet::all(3)).is_only(70));
        set.remove(70);
        assert!(!set.contains(70) && set.contains(2));
    }
}
