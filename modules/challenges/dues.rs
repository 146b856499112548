//! What a member owes for a year: pure, from the rules and what the member has done.

use std::collections::{BTreeMap, BTreeSet};

use super::{money::Cents, rules::Rules, week::Week};

/// What is known of one member.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// The first week that counts for this member.
    pub(super) first: Option<Week>,
    /// The last one, of a member who has left.
    pub(super) last: Option<Week>,
    /// Points by week.
    pub(super) points: BTreeMap<Week, u32>,
    /// Weeks that are left out.
    pub(super) jokers: BTreeSet<Week>,
    /// What was paid for the year.
    pub(super) paid: Cents,
}

/// How a week ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Missed(Cents),
    Joker,
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

/// The year of a member, up to the last week that is over.
///
/// A missed week costs the price; each one right after it costs `factor` per cent of the one before.
/// A passed week ends that row, a joker week leaves it as it was, and a new year begins without one.
pub(super) fn year(rules: &Rules, record: &Record, year: i32, through: Week) -> Dues {
    let first = record
        .first
        .map_or(rules.start, |first| first.max(rules.start));
    let last = record.last.map_or(through, |last| last.min(through));
    let (mut weeks, mut row) = (Vec::new(), None::<Cents>);
    for week in Week::within(year, first, last) {
        let points = record.points.get(&week).copied().unwrap_or(0);
        let outcome = if record.jokers.contains(&week) {
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
        Outcome::Passed | Outcome::Joker => Cents::default(),
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

    fn rules() -> Rules {
        Rules::new(week(1))
    }

    fn record(passed: &[u32], jokers: &[u32]) -> Record {
        Record {
            points: passed.iter().map(|number| (week(*number), 3)).collect(),
            jokers: jokers.iter().map(|number| week(*number)).collect(),
            ..Record::default()
        }
    }

    #[track_caller]
    fn owes(record: &Record, through: u32, expected: u64) {
        assert_eq!(
            year(&rules(), record, 2026, week(through)).owed.get(),
            expected
        );
    }

    #[test]
    fn misses_in_a_row_cost_more_and_more_until_a_week_is_passed() {
        owes(&record(&[], &[]), 1, 500);
        owes(&record(&[], &[]), 3, 500 + 1_000 + 2_000);
        owes(&record(&[3], &[]), 4, 500 + 1_000 + 500);
        owes(&record(&[1, 2, 3, 4], &[]), 4, 0);
    }

    #[test]
    fn a_joker_costs_nothing_and_ends_no_row() {
        owes(&record(&[], &[2]), 3, 500 + 1_000);
        owes(&record(&[], &[1, 2, 3]), 3, 0);
    }

    #[test]
    fn a_year_of_fifty_three_weeks_counts_its_last_one() {
        let all: Vec<_> = (1..=52).collect();
        owes(&record(&all, &[]), 53, 500);
        let dues = year(
            &rules(),
            &record(&all, &[]),
            2026,
            Week::new(2027, 10).unwrap(),
        );
        assert_eq!((dues.weeks.len(), dues.missed()), (53, 1));
    }

    #[test]
    fn a_new_year_begins_without_a_row() {
        let dues = year(
            &rules(),
            &Record::default(),
            2027,
            Week::new(2027, 1).unwrap(),
        );
        assert_eq!(dues.owed, Cents::new(500));
    }

    #[test]
    fn nobody_owes_for_weeks_before_joining_or_after_leaving() {
        let record = Record {
            first: Some(week(5)),
            last: Some(week(6)),
            ..Record::default()
        };
        owes(&record, 4, 0);
        owes(&record, 20, 500 + 1_000);
    }

    #[test]
    fn what_is_owed_stops_at_a_bound() {
        let dues = year(&rules(), &Record::default(), 2026, week(53));
        assert_eq!(dues.owed, Cents::new(u64::MAX));
    }

    #[test]
    fn what_was_paid_is_taken_off() {
        let record = Record {
            paid: Cents::new(700),
            ..Record::default()
        };
        let dues = year(&rules(), &record, 2026, week(2));
        assert_eq!((dues.left(), dues.paid), (Cents::new(800), Cents::new(700)));
        let dues = year(&rules(), &record, 2026, week(1));
        assert_eq!(dues.left(), Cents::default());
    }
}
