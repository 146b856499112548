//! An ISO week: Monday to Sunday, numbered 1 to 52 or 53 within its ISO year (ISO 8601).

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Weeks are ordered as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Week {
    pub(super) year: i32,
    pub(super) number: u32,
}

impl Week {
    pub(super) fn of(day: NaiveDate) -> Self {
        let week = day.iso_week();
        Self {
            year: week.year(),
            number: week.week(),
        }
    }

    /// The last of an ISO year: 28 December always lies in it.
    pub(super) fn last_of(year: i32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, 12, 28).map(Self::of)
    }

    /// The week of this number, if the year has it.
    pub(super) fn new(year: i32, number: u32) -> Option<Self> {
        let is_there = number >= 1 && Self::last_of(year)?.number >= number;
        is_there.then_some(Self { year, number })
    }

    pub(super) fn monday(self) -> NaiveDate {
        NaiveDate::from_isoywd_opt(self.year, self.number, Weekday::Mon).unwrap_or(NaiveDate::MAX)
    }

    pub(super) fn before(self) -> Self {
        Self::of(self.monday() - Days::new(7))
    }

    pub(super) fn after(self) -> Self {
        Self::of(self.monday() + Days::new(7))
    }

    /// The weeks of an ISO year from `first` to `last`, as far as they lie in it.
    pub(super) fn within(year: i32, first: Self, last: Self) -> impl Iterator<Item = Self> {
        let end = Self::last_of(year).map_or(0, |week| week.number);
        let weeks = (1..=end).map(move |number| Self { year, number });
        weeks.filter(move |week| (first..=last).contains(week))
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-W{:02}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_begins_and_ends_where_its_weeks_do() {
        for (date, expected) in [
            ("2026-12-31", "2026-W53"),
            ("2027-01-03", "2026-W53"),
            ("2027-01-04", "2027-W01"),
            ("2024-12-30", "2025-W01"),
            ("2025-12-28", "2025-W52"),
        ] {
            assert_eq!(Week::of(day(date)).to_string(), expected, "{date}");
        }
    }

    #[test]
    fn some_years_have_fifty_three_weeks() {
        for (year, expected) in [(2020, 53), (2025, 52), (2026, 53), (2027, 52)] {
            assert_eq!(Week::last_of(year).unwrap().number, expected, "{year}");
            assert_eq!(Week::new(year, 53).is_some(), expected == 53, "{year}");
        }
    }

    #[test]
    fn weeks_follow_each_other_across_years() {
        let last = Week::new(2026, 53).unwrap();
        assert_eq!(last.after(), Week::new(2027, 1).unwrap());
        assert_eq!(last.after().before(), last);
        assert_eq!(last.monday(), day("2026-12-28"));
    }

    #[test]
    fn a_year_is_cut_to_what_was_played() {
        let (first, last) = (Week::new(2025, 50).unwrap(), Week::new(2026, 2).unwrap());
        let numbers = |year| {
            Week::within(year, first, last)
                .map(|week| week.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(2025), [50, 51, 52]);
        assert_eq!(numbers(2026), [1, 2]);
        assert_eq!(numbers(2027), [0; 0]);
    }
}
