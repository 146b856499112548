//! What a guild's challenge asks of its members.

use std::collections::BTreeMap;

use super::{money::Cents, week::Week};

/// The rules of one guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// The first week that counts.
    pub(super) start: Week,
    /// Points that a week needs to be passed.
    pub(super) needed: u32,
    /// Minutes that an activity may fall short of a further point.
    pub(super) tolerance: u32,
    /// What a missed week costs.
    pub(super) price: Cents,
    /// What each further missed week in a row costs, in per cent of the one before it.
    pub(super) factor: u32,
    /// Weeks in a year that a member may leave out.
    pub(super) jokers: u32,
    /// Minutes for a point, by sport.
    pub(super) sports: BTreeMap<String, u32>,
}

/// Sports of a new challenge: minutes for a point.
pub(super) const SPORTS: [(&str, u32); 6] = [
    ("hike", 60),
    ("ride", 60),
    ("run", 30),
    ("ski touring", 120),
    ("swim", 30),
    ("walk", 60),
];

impl Rules {
    pub(super) fn new(start: Week) -> Self {
        let sports = SPORTS.map(|(sport, minutes)| (sport.to_owned(), minutes));
        Self {
            start,
            needed: 3,
            tolerance: 2,
            price: Cents::new(500),
            factor: 200,
            jokers: 4,
            sports: sports.into(),
        }
    }

    /// The points of one activity; a sport that is no longer in the rules gives none.
    pub(super) fn points(&self, sport: &str, minutes: u32) -> u32 {
        let per_point = self.sports.get(sport).copied().unwrap_or(0);
        let counted = minutes.saturating_add(self.tolerance.min(per_point.saturating_sub(1)));
        counted.checked_div(per_point).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_become_points() {
        let rules = Rules::new(Week::new(2026, 1).unwrap());
        for (sport, minutes, expected) in [
            ("run", 27, 0),
            ("run", 28, 1),
            ("run", 59, 2),
            ("ride", 60, 1),
            ("ski touring", 240, 2),
            ("chess", 600, 0),
            ("run", u32::MAX, u32::MAX / 30),
        ] {
            assert_eq!(
                rules.points(sport, minutes),
                expected,
                "{minutes} min of {sport}"
            );
        }
    }

    #[test]
    fn a_tolerance_never_gives_a_point_for_nothing() {
        let rules = Rules {
            tolerance: 500,
            ..Rules::new(Week::new(2026, 1).unwrap())
        };
        assert_eq!(rules.points("run", 0), 0);
        assert_eq!(rules.points("run", 1), 1);
    }
}
