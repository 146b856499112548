//! Whether a module is there.

use std::{fmt, sync::Arc};

/// How a module stands in this process, whatever single guilds have switched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Standing {
    /// It does its work.
    Loaded,
    /// It is switched off everywhere, or not yet loaded.
    #[default]
    Off,
    /// It could not be loaded, for this reason.
    Failed(Arc<str>),
    /// It is being loaded or unloaded.
    Changing,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded => f.write_str("loaded"),
            Self::Off => f.write_str("switched off everywhere"),
            Self::Failed(reason) => write!(f, "could not be loaded: {reason}"),
            Self::Changing => f.write_str("being switched"),
        }
    }
}
