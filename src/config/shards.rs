//! Which shards this process runs: `SHARD_IDS` of `SHARD_COUNT`.

use std::collections::BTreeSet;

use super::{Problem, Problems, Variables, row::Row, table};

/// Some shards of a bot that has `count`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shards {
    /// Which; each below `count`, at least one.
    pub ids: BTreeSet<u32>,
    /// How many the whole bot has, in all its processes: 1 to 16,000.
    pub count: u32,
}

impl Shards {
    /// `None` runs as many as Discord recommends.
    ///
    /// # Errors
    /// Only one of the two is given, or an id is not below the count.
    pub(super) fn read(variables: &Variables) -> Result<Option<Self>, Problems> {
        let mut problems = Problems::default();
        let ids = problems.keep(variables.read(&table::SHARD_IDS));
        let count = problems.keep(variables.read(&table::SHARD_COUNT));
        problems.into_result()?;
        match (ids.flatten(), count.flatten()) {
            (None, None) => Ok(None),
            (Some(ids), Some(count)) => Self::within(ids, count).map(Some),
            (Some(_), None) => Err(missing(&table::SHARD_COUNT.row, &table::SHARD_IDS.row)),
            (None, Some(_)) => Err(missing(&table::SHARD_IDS.row, &table::SHARD_COUNT.row)),
        }
    }

    fn within(ids: BTreeSet<u32>, count: u32) -> Result<Self, Problems> {
        match ids.last().filter(|last| **last >= count) {
            None => Ok(Self { ids, count }),
            Some(last) => {
                let expected = format!("ids below {count}, which is SHARD_COUNT");
                let name = table::SHARD_IDS.row.name;
                Err(Problem::new(name, last.to_string(), expected).into())
            }
        }
    }
}

fn missing(row: &Row, other: &Row) -> Problems {
    let expected = format!("{}, as {} is given", row.kind, other.name);
    Problem::new(row.name, "nothing", expected).into()
}

/// `0-3,7`: ids and ranges of them, each counted once.
pub(super) fn ids(row: &Row, text: &str) -> Result<BTreeSet<u32>, Problems> {
    let (mut ids, mut problems) = (BTreeSet::new(), Problems::default());
    for part in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let bounds = (first.trim().parse::<u32>(), last.trim().parse::<u32>());
        match bounds {
            (Ok(first), Ok(last)) if first <= last && last < table::MOST_SHARDS => {
                ids.extend(first..=last);
            }
            _ => problems.push(row.problem(part)),
        }
    }
    problems.into_result()?;
    if ids.is_empty() {
        return Err(row.problem(text).into());
    }
    Ok(ids)
}
