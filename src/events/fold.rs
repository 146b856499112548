//! How far one module has taken the messages of one shard into memory, and how far it has made them durable.

use std::sync::Arc;

use super::Position;

/// One module on one shard.
///
/// Folds happen in order, and a commit covers every fold up to its position, so two numbers tell it all.
#[derive(Debug, Clone)]
pub(super) struct Fold {
    session: Arc<str>,
    /// Everything up to here is durable.
    committed: u64,
    /// The newest message taken into memory.
    newest: u64,
    /// No message before this one is taken into memory without being durable.
    open: Option<u64>,
}

impl Fold {
    /// What a mark in the database says at boot.
    pub(super) fn at(session: Arc<str>, committed: u64) -> Self {
        Self {
            session,
            committed,
            newest: committed,
            open: None,
        }
    }

    pub(super) fn is_replay(&self, position: &Position) -> bool {
        self.session == position.session && position.sequence <= self.committed
    }

    /// A message of another session starts anew: the old session can never be resumed, so nothing waits for it.
    pub(super) fn folded(&mut self, position: &Position) {
        if self.session != position.session {
            *self = Self::at(Arc::clone(&position.session), 0);
        }
        if position.sequence > self.newest {
            self.newest = position.sequence;
            self.open = self.open.or(Some(position.sequence));
        }
    }

    pub(super) fn committed(&mut self, position: &Position) {
        if self.session == position.session && self.committed < position.sequence {
            self.committed = position.sequence;
            self.newest = self.newest.max(position.sequence);
            self.open = (self.newest > self.committed).then_some(self.committed + 1);
        }
    }

    /// The highest number of the session that this module can resume from without losing a message.
    /// `None` when it holds nothing back.
    pub(super) fn holds_at(&self, session: &str) -> Option<u64> {
        let open = self.open.filter(|_| &*self.session == session)?;
        Some(open - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Step {
        Folded(&'static str, u64),
        Committed(&'static str, u64),
    }
    use Step::{Committed, Folded};

    fn check(steps: &[Step], replayed_to: u64, holds_at: Option<u64>) {
        let position = |session: &str, sequence| Position {
            shard: 0,
            session: session.into(),
            sequence,
        };
        let mut fold = Fold::at("a".into(), 5);
        for step in steps {
            match *step {
                Folded(session, sequence) => fold.folded(&position(session, sequence)),
                Committed(session, sequence) => fold.committed(&position(session, sequence)),
            }
        }
        let session = Arc::clone(&fold.session);
        assert!(fold.is_replay(&position(&session, replayed_to)));
        assert!(!fold.is_replay(&position(&session, replayed_to + 1)));
        assert!(!fold.is_replay(&position("never", 1)));
        assert_eq!(fold.holds_at(&session), holds_at);
        assert_eq!(fold.holds_at("never"), None);
    }

    #[test]
    fn what_is_in_memory_alone_holds_the_resume_point() {
        check(&[], 5, None);
        check(&[Folded("a", 8)], 5, Some(7));
        check(&[Folded("a", 8), Folded("a", 9)], 5, Some(7));
        check(&[Folded("a", 8), Committed("a", 8)], 8, None);
        check(
            &[Folded("a", 8), Folded("a", 12), Committed("a", 8)],
            8,
            Some(8),
        );
        check(
            &[
                Folded("a", 8),
                Folded("a", 12),
                Committed("a", 8),
                Committed("a", 12),
            ],
            12,
            None,
        );
        check(&[Folded("b", 1)], 0, Some(0));
        check(
            &[Folded("a", 8), Folded("b", 3), Committed("a", 8)],
            0,
            Some(2),
        );
        check(&[Committed("a", 9), Folded("a", 9)], 9, None);
    }
}
