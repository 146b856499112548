//! Years that were computed, kept until something changes.

use std::{collections::HashMap, sync::Arc};

use serenity::model::id::GuildId;

use super::total::Total;

#[derive(Default)]
pub(super) struct Years(HashMap<GuildId, Kept>);

#[derive(Default)]
struct Kept {
    changes: u64,
    years: HashMap<i32, Arc<Total>>,
}

impl Years {
    pub(super) fn find(&self, guild: GuildId, year: i32) -> Option<Arc<Total>> {
        self.0.get(&guild)?.years.get(&year).cloned()
    }

    /// How often the guild has changed: to be asked before it is read, and handed to [`Years::keep`].
    pub(super) fn changes(&mut self, guild: GuildId) -> u64 {
        self.0.entry(guild).or_default().changes
    }

    /// Keeps a year, unless the guild has changed since it was read.
    pub(super) fn keep(&mut self, guild: GuildId, year: i32, total: Arc<Total>, changes: u64) {
        let kept = self.0.entry(guild).or_default();
        if kept.changes == changes {
            kept.years.insert(year, total);
        }
    }

    pub(super) fn forget(&mut self, guild: GuildId) {
        self.0.entry(guild).or_default().forget();
    }

    pub(super) fn forget_all(&mut self) {
        self.0.values_mut().for_each(Kept::forget);
    }
}

impl Kept {
    fn forget(&mut self) {
        self.changes += 1;
        self.years.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_that_was_read_before_a_change_is_not_kept() {
        let (guild, total) = (GuildId::new(1), Arc::new(Total::default()));
        for forget in [
            |years: &mut Years| years.forget(GuildId::new(1)),
            Years::forget_all,
        ] {
            let mut years = Years::default();
            let changes = years.changes(guild);
            years.keep(guild, 2026, Arc::clone(&total), changes);
            assert_eq!(years.find(guild, 2026), Some(Arc::clone(&total)));
            forget(&mut years);
            assert_eq!(years.find(guild, 2026), None);
            years.keep(guild, 2026, Arc::clone(&total), changes);
            assert_eq!(years.find(guild, 2026), None);
        }
    }

    #[test]
    fn another_guild_changes_nothing() {
        let (guild, total) = (GuildId::new(1), Arc::new(Total::default()));
        let mut years = Years::default();
        let changes = years.changes(guild);
        years.forget(GuildId::new(2));
        years.keep(guild, 2026, Arc::clone(&total), changes);
        assert_eq!(years.find(guild, 2026), Some(total));
    }
}
