//! Money, in whole cents: sums and prices are exact, and stop at a bound instead of overflowing.

use std::{fmt, iter::Sum, ops::Add, str::FromStr};

/// Cents, 0 to 100,000,000 (a million).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cents(u64);

/// More is never owed.
const MOST: u64 = 100_000_000;

impl Cents {
    pub(super) const fn new(cents: u64) -> Self {
        Self(if cents > MOST { MOST } else { cents })
    }

    pub(super) const fn get(self) -> u64 {
        self.0
    }

    /// So many per cent of it, rounded to a cent, half a cent up.
    pub(super) fn percent(self, percent: u32) -> Self {
        let hundredths = u128::from(self.0) * u128::from(percent);
        Self::new(u64::try_from((hundredths + 50) / 100).unwrap_or(MOST))
    }

    pub(super) fn less(self, paid: Self) -> Self {
        Self(self.0.saturating_sub(paid.0))
    }
}

impl Add for Cents {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.0 + other.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(cents: I) -> Self {
        cents.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} €", self.0 / 100, self.0 % 100)
    }
}

/// `5`, `5.5`, `5,50` and `5.50 €` are read; anything finer than a cent is not.
impl FromStr for Cents {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text
            .trim()
            .trim_end_matches('€')
            .trim_end()
            .replace(',', ".");
        let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || part.len() > 2 {
            return Err(());
        }
        let whole: u64 = whole.parse().map_err(|_| ())?;
        let part: u64 = format!("{part:0<2}").parse().map_err(|_| ())?;
        let cents = whole
            .checked_mul(100)
            .and_then(|cents| cents.checked_add(part));
        cents.filter(|cents| *cents <= MOST).map(Self).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent() {
        for (text, expected) in [
            ("5", Ok(500)),
            ("5.5", Ok(550)),
            ("0,05 €", Ok(5)),
            ("1000000", Ok(MOST)),
            ("1000000.01", Err(())),
            ("5.555", Err(())),
            ("-5", Err(())),
            ("5.", Err(())),
            ("five", Err(())),
            ("99999999999999999999", Err(())),
        ] {
            assert_eq!(text.parse::<Cents>().map(Cents::get), expected, "{text}");
        }
    }

    #[test]
    fn amounts_are_shown_as_people_write_them() {
        assert_eq!(Cents::new(1_205).to_string(), "12.05 €");
    }

    #[test]
    fn shares_are_rounded_and_sums_are_bounded() {
        assert_eq!(Cents::new(333).percent(150), Cents::new(500));
        assert_eq!(Cents::new(1).percent(49), Cents::new(0));
        assert_eq!(Cents::new(MOST).percent(1_000), Cents::new(MOST));
        assert_eq!(
            [Cents::new(MOST), Cents::new(1)].into_iter().sum::<Cents>(),
            Cents::new(MOST)
        );
    }
}
