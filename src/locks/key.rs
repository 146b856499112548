//! What is locked.

use std::fmt;

/// A name, with up to two ids that it holds for: of a guild, of a member.
///
/// A name is shared by all modules, as one of another may have to keep away too; begin it with the module's
/// where that is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    name: &'static str,
    ids: [Option<u64>; 2],
}

impl Key {
    /// Without its ids.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        let ids = [None, None];
        Self { name, ids }
    }
}

impl From<(&'static str, u64)> for Key {
    fn from((name, id): (&'static str, u64)) -> Self {
        let ids = [Some(id), None];
        Self { name, ids }
    }
}

impl From<(&'static str, u64, u64)> for Key {
    fn from((name, one, other): (&'static str, u64, u64)) -> Self {
        let ids = [Some(one), Some(other)];
        Self { name, ids }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        let mut ids = self.ids.iter().flatten();
        ids.try_for_each(|id| write!(f, " {id}"))
    }
}
