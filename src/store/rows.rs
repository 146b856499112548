//! Many rows for one table, written with few statements.

use super::{Value, mark::Mark};

/// Fewer than either database allows in one statement (SQLite 32,766, PostgreSQL 65,535).
const PLACEHOLDERS: usize = 30_000;

/// `insert into … values` for any number of rows, with what to do on a conflict.
///
/// ```
/// use cogsmith::store::Rows;
///
/// let mut rows = Rows::new(
///     "insert into score (member, xp)",
///     "on conflict (member) do update set xp = score.xp + excluded.xp",
/// );
/// rows.push([7_u64.into(), 15_i64.into()]);
/// assert!(!rows.is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct Rows {
    insert: &'static str,
    conflict: &'static str,
    columns: usize,
    values: Vec<Value>,
}

impl Rows {
    /// Starts with the text before `values` and the text after it.
    pub fn new(insert: &'static str, conflict: &'static str) -> Self {
        Self {
            insert,
            conflict,
            columns: 0,
            values: Vec::new(),
        }
    }

    /// Adds a row; every row has as many columns as the first.
    pub fn push<const COLUMNS: usize>(&mut self, row: [Value; COLUMNS]) {
        debug_assert!(
            self.columns == 0 || self.columns == COLUMNS,
            "rows of one length"
        );
        self.columns = COLUMNS;
        self.values.extend(row);
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn into_statements(self, mark: Mark) -> impl Iterator<Item = (String, Vec<Value>)> {
        let per_statement = (PLACEHOLDERS / self.columns.max(1)) * self.columns;
        let mut values = self.values.into_iter();
        std::iter::from_fn(move || {
            let chunk: Vec<_> = values.by_ref().take(per_statement).collect();
            if chunk.is_empty() {
                return None;
            }
            let rows = mark.rows(chunk.len() / self.columns, self.columns);
            Some((
                format!("{} values {rows} {}", self.insert, self.conflict),
                chunk,
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_split_between_rows() {
        let mut rows = Rows::new("insert into t (a, b, c)", "");
        (0..10_001_i64).for_each(|n| rows.push([n.into(), n.into(), n.into()]));
        let lengths: Vec<_> = rows
            .into_statements(Mark::Bare)
            .map(|(_, values)| values.len())
            .collect();
        assert_eq!(lengths, [30_000, 3]);
    }
}
