//! A small seeded generator.

#![allow(dead_code, reason = "each of the files that include this one uses a part of it")]

/// A number from the environment.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Splitmix64, after the choices of a fuzzer where there are any: equal seeds and bytes give equal cases.
pub struct Random {
    state: u64,
    bytes: Vec<u8>,
    used: usize,
}

impl Random {
    /// Numbers by the variable SEED, or always the same ones.
    pub fn new() -> Self {
        Random { state: setting("SEED", 1), bytes: Vec::new(), used: 0 }
    }

    /// The numbers that `bytes` spell, eight for each; then some that are always the same.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Random { state: 0, bytes: bytes.to_vec(), used: 0 }
    }

    pub fn bits(&mut self) -> u64 {
        if let Some(chosen) = self.bytes.get(self.used..).filter(|rest| !rest.is_empty()) {
            let mut number = [0; 8];
            let length = chosen.len().min(8);
            number[..length].copy_from_slice(&chosen[..length]);
            self.used += length;
            return u64::from_le_bytes(number);
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// An integer whose length in bits is random too.
    pub fn integer(&mut self) -> u64 {
        let bits = self.below(65);
        self.bits().checked_shr(64 - bits as u32).unwrap_or(0)
    }
}

/// A double from one of the classes in which conversions go wrong.
pub fn double(random: &mut Random) -> f64 {
    let magnitude = match random.below(12) {
        0 => f64::from_bits(random.bits()),
        1 => f64::from_bits(random.bits() >> 12 >> random.below(52)),
        2 => random.integer() as f64,
        3 => 2f64.powi(random.below(2098) as i32 - 1074),
        4 => format!("1e{}", random.below(634) as i64 - 325).parse().unwrap(),
        // Exactly between two decimals.
        5 => (2 * random.below(1_000_000) + 1) as f64 / (1_u64 << random.below(12)) as f64,
        // The nearest double to a short decimal.
        6 => random.below(1_000_000_000) as f64 / 10f64.powi(random.below(15) as i32),
        7 => random.below(100_000) as f64,
        8 => 10f64.powi(random.below(18) as i32) - random.below(3) as f64 / 2.0,
        9 => random.choose(&[0.0, f64::INFINITY, f64::NAN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.5, 9.5]),
        _ => (random.bits() >> 11) as f64 / (1_u64 << 53) as f64 * 10f64.powi(random.below(30) as i32 - 10),
    };
    let neighbour = f64::from_bits(magnitude.to_bits().wrapping_add(random.choose(&[0, 0, 1, u64::MAX])));
    if random.once_in(3) { -neighbour } else { neighbour }
}
