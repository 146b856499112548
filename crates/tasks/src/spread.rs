//! Hashing for numbers that are given out, and need no defence.

use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type SpreadBuilder = BuildHasherDefault<Spread>;

/// Hashes the numbers that stores give, which need no defence.
#[derive(Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.write_i64(i64::from(*byte)));
    }

    fn write_i64(&mut self, number: i64) {
        let mixed = (self.0 ^ number.cast_unsigned()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
