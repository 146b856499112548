//! What a member owes for a year: pure, from the rules and what the member has done.

use std::collections::{BTreeMap, BTreeSet};

use super::{money::Cents, rules::Rules, stint::Stint, week::Week};

/// What is known of one member.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// When they take part, or took part.
    pub(super) stints: Vec<Stint>,
    /// Points by week.
    pub(super) points: BTreeMap<Week, u32>,
    /// Weeks that are left out.
    pub(super) jokers: BTreeSet<Week>,
    /// What was paid for the year.
    pub(super) paid: Cents,
}

impl Record {
    pub(super) fn counts(&self, week: Week) -> bool {
        self.stints.iter().any(|stint| stint.counts(week))
    }
}

/// How a week ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Missed(Cents),
    Joker,
    /// Nobody closed it, as the module was off when it ended.
    Void,
}

impl Outcome {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Passed => "✅",
            Self::Missed(_) => "❌",
            Self::Joker => "🃏",
            Self::Void => "➖",
        }
    }
}

/// A member's year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dues {
    pub(super) weeks: Vec<(Week, Outcome)>,
    pub(super) owed: Cents,
    pub(super) paid: Cents,
}

impl Dues {
    pub(super) fn left(&self) -> Cents {
        self.owed.less(self.paid)
    }

    pub(super) fn missed(&self) -> usize {
        let missed = |(_, outcome): &&(Week, Outcome)| matches!(outcome, Outcome::Missed(_));
        self.weeks.iter().filter(missed).count()
    }
}

/// The weeks of a year that are over: up to the newest that was closed.
pub(super) fn ended(
    rules: &Rules,
    year: i32,
    closed: &BTreeSet<Week>,
) -> impl Iterator<Item = Week> {
    let weeks = closed
        .last()
        .map(|newest| Week::within(year, rules.start, *newest));
    weeks.into_iter().flatten()
}

/// The year of a member.
///
/// A missed week costs the price; each one right after it costs `factor` per cent of the one before.
/// A passed week ends that row. Joker weeks, void ones and those between two stints leave it as it was, and a new
/// year begins without one.
pub(super) fn year(rules: &Rules, record: &Record, year: i32, closed: &BTreeSet<Week>) -> Dues {
    let (mut weeks, mut row) = (Vec::new(), None::<Cents>);
    for week in ended(rules, year, closed).filter(|week| record.counts(*week)) {
        let points = record.points.get(&week).copied().unwrap_or(0);
        let outcome = if !closed.contains(&week) {
            Outcome::Void
        } else if record.jokers.contains(&week) {
            Outcome::Joker
        } else if points >= rules.needed {
            row = None;
            Outcome::Passed
        } else {
            let price = row.map_or(rules.price, |before| before.percent(rules.factor));
            row = Some(price);
            Outcome::Missed(price)
        };
        weeks.push((week, outcome));
    }
    let prices = weeks.iter().map(|(_, outcome)| match outcome {
        Outcome::Missed(price) => *price,
        Outcome::Passed | Outcome::Joker | Outcome::Void => Cents::default(),
    });
    Dues {
        owed: prices.sum(),
        paid: record.paid,
        weeks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(number: u32) -> Week {
        Week::new(2026, number).unwrap()
    }

    /// Every week of 2026 up to this one was closed.
    fn closed(through: u32) -> BTreeSet<Week> {
        (1..=through).map(week).collect()
    }

    fn rules() -> Rules {
        Rules::new(week(1))
    }

    fn record(passed: &[u32], jokers: &[u32]) -> Record {
        Record {
            stints: vec![Stint {
                first: week(1),
                last: None,
            }],
            points: passed.iter().map(|number| (week(*number), 3)).collect(),
            jokers: jokers.iter().map(|number| week(*number)).collect(),
            paid: Cents::default(),
        }
    }

    #[track_caller]
    fn owes(record: &Record, closed: &BTreeSet<Week>, expected: u64) {
        let dues = year(&rules(), record, 2026, closed);
        assert_eq!(dues.owed.get(), expected, "{:?}", dues.weeks);
    }

    #[test]
    fn misses_in_a_row_cost_more_and_more_until_a_week_is_passed() {
        owes(&record(&[], &[]), &closed(0), 0);
        owes(&record(&[], &[]), &closed(1), 500);
        owes(&record(&[], &[]), &closed(3), 500 + 1_000 + 2_000);
        owes(&record(&[3], &[]), &closed(4), 500 + 1_000 + 500);
        owes(&record(&[1, 2, 3, 4], &[]), &closed(4), 0);
    }

    #[test]
    fn a_joker_costs_nothing_and_ends_no_row() {
        owes(&record(&[], &[2]), &closed(3), 500 + 1_000);
        owes(&record(&[], &[1, 2, 3]), &closed(3), 0);
    }

    #[test]
    fn a_week_that_nobody_closed_costs_nothing_and_ends_no_row() {
        let closed = BTreeSet::from([1, 3].map(week));
        owes(&record(&[], &[]), &closed, 500 + 1_000);
        let dues = year(&rules(), &record(&[], &[]), 2026, &closed);
        assert_eq!(dues.weeks[1], (week(2), Outcome::Void));
    }

    #[test]
    fn a_year_of_fifty_three_weeks_counts_its_last_one() {
        let all: Vec<_> = (1..=52).collect();
        owes(&record(&all, &[]), &closed(53), 500);
        let mut closed = closed(53);
        closed.extend(Week::new(2027, 1));
        let dues = year(&rules(), &record(&all, &[]), 2026, &closed);
        assert_eq!((dues.weeks.len(), dues.missed()), (53, 1));
    }

    #[test]
    fn a_new_year_begins_without_a_row() {
        let mut closed = closed(53);
        closed.extend(Week::new(2027, 1));
        let dues = year(&rules(), &record(&[], &[]), 2027, &closed);
        assert_eq!(dues.owed, Cents::new(500));
    }

    #[test]
    fn nobody_owes_for_weeks_outside_of_their_stints() {
        let stint = |first, last| Stint {
            first: week(first),
            last: Some(week(last)),
        };
        let record = Record {
            stints: vec![stint(5, 6), stint(9, 9)],
            ..Record::default()
        };
        owes(&record, &closed(4), 0);
        owes(&record, &closed(8), 500 + 1_000);
        owes(&record, &closed(20), 500 + 1_000 + 2_000);
    }

    #[test]
    fn what_is_owed_stops_at_a_bound() {
        let dues = year(&rules(), &record(&[], &[]), 2026, &closed(53));
        assert_eq!(dues.owed, Cents::new(u64::MAX));
    }

    #[test]
    fn what_was_paid_is_taken_off() {
        let record = Record {
            paid: Cents::new(700),
            ..record(&[], &[])
        };
        let dues = year(&rules(), &record, 2026, &closed(2));
        assert_eq!((dues.left(), dues.paid), (Cents::new(800), Cents::new(700)));
        let dues = year(&rules(), &record, 2026, &closed(1));
        assert_eq!(dues.left(), Cents::default());
    }
}
