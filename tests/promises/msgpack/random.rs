//! Values and documents of all kinds, from a seed.

use std::sync::OnceLock;

use moonlet_tests::Random;
use rmpv::Value;

use super::oracle::{acceptable, encoded};

/// Integers at which a form ends, and their neighbours.
pub fn boundaries() -> &'static [i64] {
    static BOUNDARIES: OnceLock<Vec<i64>> = OnceLock::new();
    BOUNDARIES.get_or_init(make_boundaries)
}

fn make_boundaries() -> Vec<i64> {
    let powers = (0..63).map(|bit| 1i64 << bit).chain([i64::MAX, i64::MIN]);
    let mut integers: Vec<i64> = powers
        .flat_map(|power| (-2..=2).map(move |more| power.saturating_add(more)))
        .flat_map(|integer| [integer, integer.saturating_neg()])
        .collect();
    integers.extend(-40..=300);
    integers.sort_unstable();
    integers.dedup();
    integers
}

pub fn random_float(random: &mut Random) -> f64 {
    let special =
        [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    match random.below(4) {
        0 => *random.pick(&special),
        1 => random.below(100) as f64 - 50.0,
        _ => f64::from_bits(random.below(u64::MAX)),
    }
}

pub fn random_bytes(random: &mut Random) -> Vec<u8> {
    let lengths = [0, 1, 2, 5, 31, 32, 33, 200, 255, 256, 257];
    let len = *random.pick(&lengths);
    (0..len).map(|_| random.below(256) as u8).collect()
}

fn random_text(random: &mut Random) -> String {
    let letters =
        ['a', 'z', '\0', '\n', 'é', '\u{7ff}', '\u{800}', '€', '\u{ffff}', '\u{10000}', '🌙', '\u{10ffff}'];
    (0..random.below(40)).map(|_| *random.pick(&letters)).collect()
}

fn random_scalar(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Boolean(random.below(2) == 1),
        1 => Value::from(random.below(u64::MAX) as i64 >> random.below(64)),
        2 => Value::from(*random.pick(boundaries())),
        3 => Value::F32(random_float(random) as f32),
        4 => Value::F64(random_float(random)),
        5 => Value::Binary(random_bytes(random)),
        6 => Value::from(random_text(random)),
        _ => Value::from(random.below(8)),
    }
}

fn random_key(random: &mut Random) -> Value {
    loop {
        let key = random_scalar(random);
        if acceptable(&Value::Map(vec![(key.clone(), Value::Nil)]), 1, false) {
            return key;
        }
    }
}

/// A value of any kind within so many levels.
pub fn random_value(random: &mut Random, levels: u64) -> Value {
    let len = if levels == 1 && random.below(20) == 0 { random.below(300) } else { random.below(6) };
    match random.below(6) {
        0 if random.below(3) == 0 => Value::Nil,
        1 | 2 if levels > 0 => Value::Array((0..len).map(|_| random_value(random, levels - 1)).collect()),
        3 | 4 if levels > 0 => {
            Value::Map((0..len).map(|_| (random_key(random), random_value(random, levels - 1))).collect())
        }
        _ => random_scalar(random),
    }
}

/// A small document of all kinds.
pub fn random_document(random: &mut Random) -> Vec<u8> {
    loop {
        let bytes = encoded(&random_value(random, 3));
        if (2..300).contains(&bytes.len()) {
            return bytes;
        }
    }
}
