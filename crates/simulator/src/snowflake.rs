//! Discord's ids: 64 bits, most of them a time.
//!
//! Two kinds are minted. What happens (messages, interactions, commands) gets the next id of the
//! simulator's clock, so ids grow in the order of events. What the world is made of (guilds,
//! channels, roles, people, the application) gets an id that follows from its name, so that a world
//! of the same names has the same ids in every process: a bot's database outlives the simulator.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// 2015-01-01T00:00:00Z in milliseconds since 1970.
const EPOCH_MS: u64 = 1_420_070_400_000;
/// Eight years in milliseconds: named things were created between 2016 and 2024.
const NAMED_SPAN_MS: u64 = 8 * 365 * 24 * 60 * 60 * 1000;
const NAMED_START_MS: u64 = 365 * 24 * 60 * 60 * 1000;
const TIME_SHIFT: u32 = 22;

/// An id as Discord writes it: a number in code, a string of digits on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Snowflake(u64);

impl Snowflake {
    /// Takes the number as it is.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The moment that the id carries, in whole milliseconds.
    pub fn created_at(self) -> DateTime<Utc> {
        let since_1970 = (self.0 >> TIME_SHIFT) + EPOCH_MS;
        i64::try_from(since_1970)
            .ok()
            .and_then(|ms| Utc.timestamp_millis_opt(ms).single())
            .unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Which of `count` shards gets the events of the guild with this id. At least one shard.
    pub const fn shard(self, count: u64) -> u64 {
        (self.0 >> TIME_SHIFT) % if count == 0 { 1 } else { count }
    }

    /// The same name always gives the same id.
    pub(crate) fn named(name: &str) -> Self {
        let hash = mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }));
        let ms = NAMED_START_MS + hash % NAMED_SPAN_MS;
        Self(ms << TIME_SHIFT | mix(hash) >> (64 - TIME_SHIFT))
    }

    pub(crate) const fn following(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Snowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Snowflake {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for Snowflake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Snowflake {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = || format!("found {text:?}, expected an id");
        text.parse().map_err(|_| de::Error::custom(expected()))
    }
}

/// Mints ids that grow, even while the clock stands still or is set back.
#[derive(Debug, Default)]
pub(crate) struct Mint {
    last: u64,
}

impl Mint {
    pub(crate) fn next(&mut self, now: DateTime<Utc>) -> Snowflake {
        let since_epoch = u64::try_from(now.timestamp_millis())
            .unwrap_or(0)
            .saturating_sub(EPOCH_MS);
        self.last = (since_epoch << TIME_SHIFT).max(self.last + 1);
        Snowflake(self.last)
    }
}

/// Spreads the bits of a number; the same number always gives the same result.
pub(crate) const fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(1_700_000_000_000 + ms).unwrap()
    }

    #[test]
    fn ids_grow_while_the_clock_stands_still_or_goes_back() {
        let mut mint = Mint::default();
        let ids: Vec<_> = [0, 0, 5, -1000, 6].map(|ms| mint.next(at(ms))).to_vec();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }

    #[test]
    fn an_id_carries_its_moment() {
        assert_eq!(Mint::default().next(at(7)).created_at(), at(7));
    }

    #[test]
    fn a_name_has_one_id_and_two_names_have_two() {
        let ann = Snowflake::named("user ann");
        assert_eq!(ann, Snowflake::named("user ann"));
        assert_ne!(ann, Snowflake::named("user ben"));
        assert!((2016..2024).contains(&chrono::Datelike::year(&ann.created_at())));
    }
}
