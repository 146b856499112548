//! How the places of values are marked in a statement that has many.

use std::fmt::Write;

/// What stands for a value.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// `?`, in order. SQLite would take `$1` as well, but as a name, and compares each name with all
    /// those before it.
    Bare,
    /// `$1`, `$2` and so on.
    Numbered,
}

impl Mark {
    /// `(?, ?), (?, ?)`
    pub(super) fn rows(self, rows: usize, columns: usize) -> String {
        let mut text = String::new();
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            self.list(&mut text, row * columns, columns);
            text.push(')');
        }
        text
    }

    /// `(?, ?, ?)`
    pub(super) fn row(self, columns: usize) -> String {
        self.rows(1, columns)
    }

    /// `$4, $5, $6` when `before` is 3.
    fn list(self, text: &mut String, before: usize, count: usize) {
        for place in 1..=count {
            let comma = if place == 1 { "" } else { ", " };
            match self {
                Self::Bare => write!(text, "{comma}?"),
                Self::Numbered => write!(text, "{comma}${}", before + place),
            }
            .expect("writing to a string");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_through_all_rows() {
        assert_eq!(Mark::Numbered.rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(Mark::Bare.rows(2, 3), "(?, ?, ?), (?, ?, ?)");
    }
}
