//! The rules of XP: how much a message earns, how often, and what level that makes. No IO.

use serenity::model::id::MessageId;

/// Milliseconds between two messages of one member that both earn XP.
pub(super) const COOLDOWN_MS: i64 = 60_000;

const LEAST: u64 = 15;
const MOST: u64 = 25;

/// XP that a message earns: 15 to 25, always the same for the same message.
pub(super) fn earned_by(message: MessageId) -> u64 {
    // Fibonacci hashing spreads ids that differ in few bits.
    let spread = message.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    LEAST + spread % (MOST - LEAST + 1)
}

/// XP needed to get from `level` to the next one.
pub(super) fn to_next(level: u64) -> u64 {
    5 * level * level + 50 * level + 100
}

/// No `u64` makes a level as high as this.
const ABOVE_ALL: u64 = 1 << 22;

/// The level that `xp` makes, and what is left towards the next one.
pub(super) fn level(xp: u64) -> (u64, u64) {
    let xp = u128::from(xp);
    let (mut level, mut above) = (0, ABOVE_ALL);
    while level + 1 < above {
        let middle = u64::midpoint(level, above);
        if to_reach(middle) <= xp {
            level = middle;
        } else {
            above = middle;
        }
    }
    let rest = u64::try_from(xp - to_reach(level));
    (level, rest.expect("no more than all of it"))
}

/// The sum of [`to_next`] over all levels below `level`, in closed form.
fn to_reach(level: u64) -> u128 {
    let (before, level) = (u128::from(level.saturating_sub(1)), u128::from(level));
    5 * before * level * (2 * level).saturating_sub(1) / 6 + 25 * before * level + 100 * level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_earns_fifteen_to_twenty_five() {
        let earned: std::collections::BTreeSet<_> = (1..1_000)
            .map(|n| earned_by(MessageId::new(n << 22)))
            .collect();
        assert_eq!(earned, (15..=25).collect());
    }

    #[test]
    fn levels_cost_more_and_more() {
        let cases = [
            (0, (0, 0)),
            (99, (0, 99)),
            (100, (1, 0)),
            (254, (1, 154)),
            (255, (2, 0)),
            (475, (3, 0)),
            (i64::MAX.cast_unsigned(), (1_768_802, 14_169_273_552)),
            (u64::MAX, (2_228_552, 1_084_693_956_235)),
        ];
        for (xp, expected) in cases {
            assert_eq!(level(xp), expected, "{xp} XP");
        }
    }

    #[test]
    fn a_level_is_what_its_steps_add_up_to() {
        let mut sum = 0;
        for reached in 0..1_000 {
            assert_eq!(level(sum), (reached, 0));
            assert_eq!(
                level(sum + to_next(reached) - 1),
                (reached, to_next(reached) - 1)
            );
            sum += to_next(reached);
        }
    }
}
