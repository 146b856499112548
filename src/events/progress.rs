//! How far the events of every shard have been handled, by every kind of listener.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, atomic::Ordering},
};

use parking_lot::{Mutex, RwLock};
use serenity::model::id::GuildId;
use tokio::sync::futures::Notified;

use super::{
    Position, Positions,
    fold::Fold,
    marks,
    shard::{ShardProgress, Shared},
};
use crate::store::{self, Db, Transaction};

/// Which events have been handled; shared by the gateway, the dispatcher and folding modules.
///
/// The resume point of a shard is what the process asks Discord to continue from when it starts again:
/// no event after it is both received and handled for good.
#[derive(Debug, Default)]
pub struct Progress {
    shards: RwLock<BTreeMap<u32, Arc<ShardProgress>>>,
    folds: Mutex<HashMap<String, BTreeMap<u32, Fold>>>,
    shared: Arc<Shared>,
}

impl Progress {
    /// Nothing received, nothing marked.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Reads the marks of every module from the database; done before the first event.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn load_marks(&self, db: &Db) -> store::Result<()> {
        let rows = marks::load(db).await?;
        let mut folds = self.folds.lock();
        for (module, position) in rows {
            let fold = Fold::at(position.session, position.sequence);
            folds
                .entry(module)
                .or_default()
                .insert(position.shard, fold);
        }
        Ok(())
    }

    /// Takes out of the database up to which event of which session commands had begun when the last process closed
    /// in order; done before the first command. What it does not name may have begun.
    ///
    /// # Errors
    /// The database cannot be read or written to.
    pub(crate) async fn take_commands(&self, db: &Db) -> store::Result<Vec<Position>> {
        marks::take_commands(db).await
    }

    /// Writes up to which event commands have begun; done when no more will begin.
    ///
    /// # Errors
    /// The database cannot be written to: the next process begins none of those that it is sent again.
    pub(crate) async fn write_commands(&self, db: &Db) -> store::Result<()> {
        let mut begun = Positions::default();
        let commands = |shard: &Arc<ShardProgress>| shard.commands();
        let shards: Vec<_> = self.shards.read().values().filter_map(commands).collect();
        shards.iter().for_each(|position| begun.note(position));
        marks::write_commands(db, &begun).await
    }

    /// One shard's part, created when it is asked for the first time.
    pub fn shard(&self, shard: u32) -> Arc<ShardProgress> {
        if let Some(known) = self.shards.read().get(&shard) {
            return Arc::clone(known);
        }
        let create = || Arc::new(ShardProgress::new(shard, Arc::clone(&self.shared)));
        Arc::clone(self.shards.write().entry(shard).or_insert_with(create))
    }

    /// Whether the module's durable state already contains this message, so that it must be skipped.
    pub fn is_replay(&self, module: &str, position: &Position) -> bool {
        let folds = self.folds.lock();
        let fold = folds
            .get(module)
            .and_then(|shards| shards.get(&position.shard));
        fold.is_some_and(|fold| fold.is_replay(position))
    }

    /// The module has taken the message into memory; until a commit covers it, it holds the resume point back.
    pub fn folded(&self, module: &str, position: &Position) {
        let mut folds = self.folds.lock();
        if !folds.contains_key(module) {
            folds.insert(module.to_owned(), BTreeMap::new());
        }
        let shards = folds.get_mut(module).expect("it was inserted above");
        let fresh = || Fold::at(Arc::clone(&position.session), 0);
        shards
            .entry(position.shard)
            .or_insert_with(fresh)
            .folded(position);
    }

    /// Writes the module's marks, and how far its shards may be resumed from once they are committed.
    ///
    /// Belongs in the transaction that writes the module's state, with the positions of that state.
    /// Nothing changes in memory until [`Progress::marks_committed`] is called after the commit.
    ///
    /// # Errors
    /// A statement failed; the transaction can only be rolled back then.
    pub async fn write_marks(
        &self,
        transaction: &mut Transaction,
        module: &str,
        positions: &Positions,
    ) -> store::Result<()> {
        let resume_points = positions
            .iter()
            .filter_map(|position| self.resume_point_if(position.shard, Some((module, position))));
        marks::write(transaction, module, positions, resume_points.collect()).await
    }

    /// Whether the database holds these marks: how to learn what became of a commit whose answer was lost.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn has_marks(
        &self,
        db: &Db,
        module: &str,
        positions: &Positions,
    ) -> store::Result<bool> {
        let marks = marks::load(db).await?;
        let has = |position| {
            marks
                .iter()
                .any(|(of, mark)| of == module && mark == position)
        };
        Ok(positions.iter().all(has))
    }

    /// The transaction with these marks was committed.
    pub fn marks_committed(&self, module: &str, positions: &Positions) {
        let mut folds = self.folds.lock();
        let Some(shards) = folds.get_mut(module) else {
            return;
        };
        for position in positions.iter() {
            if let Some(fold) = shards.get_mut(&position.shard) {
                fold.committed(position);
            }
        }
        drop(folds);
        self.shared.changed.notify_waiters();
    }

    /// Resolves when what the module has folded until now is committed.
    pub(crate) async fn until_committed(&self, module: &str) {
        let newest = |shard: &Arc<ShardProgress>| shard.newest();
        let newest: Vec<_> = self.shards.read().values().filter_map(newest).collect();
        self.until(|| {
            let folds = self.folds.lock();
            let Some(shards) = folds.get(module) else {
                return true;
            };
            newest.iter().all(|position| {
                let fold = shards.get(&position.shard);
                let held = fold.and_then(|fold| fold.holds_at(&position.session));
                held.is_none_or(|held| held >= position.sequence)
            })
        })
        .await;
    }

    /// The module is gone: what it folded and did not commit is lost, and no longer holds the resume point back.
    pub fn forget(&self, module: &str) {
        self.folds.lock().remove(module);
    }

    /// The module begins with the messages to come: those of before count as folded. Returns the newest of them.
    pub(crate) fn pass_over(&self, module: &str) -> Positions {
        let mut positions = Positions::default();
        let newest = |shard: &Arc<ShardProgress>| shard.newest();
        let newest: Vec<_> = self.shards.read().values().filter_map(newest).collect();
        newest.iter().for_each(|position| positions.note(position));
        let folds = newest.into_iter().map(|position| {
            let fold = Fold::at(position.session, position.sequence);
            (position.shard, fold)
        });
        self.folds.lock().insert(module.to_owned(), folds.collect());
        positions
    }

    /// The newest event of the shard that a guild is on. See Discord docs/Gateway/Sharding.
    pub(crate) fn newest_of(&self, guild: GuildId) -> Option<Position> {
        let shards = self.shards.read();
        let count = u64::try_from(shards.len()).ok()?;
        let shard = (guild.get() >> 22).checked_rem(count)?;
        shards.get(&u32::try_from(shard).ok()?)?.newest()
    }

    /// Where the shard may be resumed from; `None` before its first session.
    pub fn resume_point(&self, shard: u32) -> Option<Position> {
        self.resume_point_if(shard, None)
    }

    fn resume_point_if(
        &self,
        shard: u32,
        committed: Option<(&str, &Position)>,
    ) -> Option<Position> {
        let mut point = self.shards.read().get(&shard)?.watermark()?;
        for (module, shards) in self.folds.lock().iter() {
            let Some(mut fold) = shards.get(&shard).cloned() else {
                continue;
            };
            if let Some((_, position)) = committed.filter(|(name, _)| name == module) {
                fold.committed(position);
            }
            let held = fold.holds_at(&point.session).unwrap_or(point.sequence);
            point.sequence = point.sequence.min(held);
        }
        Some(point)
    }

    /// The newest event received on a shard in its present session; 0 before the first.
    pub fn received(&self, shard: u32) -> u64 {
        self.shards
            .read()
            .get(&shard)
            .map_or(0, |shard| shard.received())
    }

    /// The highest number of a shard up to which every event was handled, folds in memory included.
    pub fn handled(&self, shard: u32) -> u64 {
        self.shards
            .read()
            .get(&shard)
            .map_or(0, |shard| shard.handled())
    }

    /// Resolves at the next change, if enabled before that.
    pub fn changed(&self) -> Notified<'_> {
        self.shared.changed.notified()
    }

    /// How many events are in hand on all shards.
    pub fn in_hand(&self) -> usize {
        self.shards
            .read()
            .values()
            .map(|shard| shard.in_hand())
            .sum()
    }

    /// Resolves when no event is in hand.
    pub async fn quiet(&self) {
        self.until(|| self.in_hand() == 0).await;
    }

    /// Resolves when a shard has handled every event up to and with this number.
    pub async fn until_handled(&self, shard: u32, sequence: u64) {
        self.until(|| self.handled(shard) >= sequence).await;
    }

    /// From now on nothing in hand becomes handled: the process gives up on it, and it comes again after a restart.
    pub(crate) fn freeze(&self) {
        self.shared.frozen.store(true, Ordering::Release);
    }

    async fn until(&self, is_so: impl Fn() -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            if is_so() {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(sequence: u64) -> Position {
        Position {
            shard: 0,
            session: "a".into(),
            sequence,
        }
    }

    fn positions(sequence: u64) -> Positions {
        let mut positions = Positions::default();
        positions.note(&position(sequence));
        positions
    }

    fn begun() -> Arc<Progress> {
        let progress = Progress::new();
        progress.shard(0).begin("a".into(), 10);
        progress
    }

    fn resume_point(progress: &Progress) -> u64 {
        progress.resume_point(0).unwrap().sequence
    }

    #[test]
    fn the_resume_point_waits_for_every_listener() {
        let progress = begun();
        let receipt = progress.shard(0).take(11);
        for sequence in [12, 13] {
            progress.folded("xp", &position(sequence));
            progress.shard(0).pass(sequence);
        }
        progress.folded("streak", &position(13));
        assert_eq!(resume_point(&progress), 10);
        drop(receipt);
        assert_eq!(resume_point(&progress), 11);
        progress.marks_committed("xp", &positions(13));
        assert_eq!(resume_point(&progress), 12);
        progress.marks_committed("streak", &positions(13));
        assert_eq!(resume_point(&progress), 13);
    }

    #[test]
    fn a_commit_in_the_making_counts_for_its_own_module_alone() {
        let progress = begun();
        progress.folded("xp", &position(11));
        progress.folded("streak", &position(12));
        progress.shard(0).pass(12);
        let if_committed = |module, sequence| {
            progress
                .resume_point_if(0, Some((module, &position(sequence))))
                .unwrap()
                .sequence
        };
        assert_eq!(if_committed("streak", 12), 10);
        assert_eq!(if_committed("xp", 11), 11);
        assert_eq!(resume_point(&progress), 10);
    }

    #[test]
    fn a_committed_message_is_a_replay_for_its_module_alone() {
        let progress = begun();
        progress.folded("xp", &position(11));
        assert!(!progress.is_replay("xp", &position(11)));
        progress.marks_committed("xp", &positions(11));
        assert!(progress.is_replay("xp", &position(11)));
        assert!(!progress.is_replay("xp", &position(12)));
        assert!(!progress.is_replay("streak", &position(11)));
    }

    #[test]
    fn a_module_that_is_gone_holds_nothing_back() {
        let progress = begun();
        progress.folded("xp", &position(11));
        progress.shard(0).pass(11);
        progress.forget("xp");
        assert_eq!(resume_point(&progress), 11);
    }

    #[tokio::test]
    async fn quiet_comes_with_the_last_receipt() {
        let progress = begun();
        let (first, second) = (progress.shard(0).take(11), progress.shard(1).take(1));
        let watcher = tokio::spawn({
            let progress = Arc::clone(&progress);
            async move { progress.quiet().await }
        });
        tokio::task::yield_now().await;
        drop(first);
        tokio::task::yield_now().await;
        assert!(!watcher.is_finished());
        drop(second);
        watcher.await.unwrap();
        progress.until_handled(0, 11).await;
    }
}
