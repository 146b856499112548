//! What is known of a module without loading it.

use std::collections::BTreeMap;

use super::{Command, Fold, Listener, stored::Stored};
use crate::{settings::Declared, switches::Availability};

/// What a module's setup says, but for its tasks, which need its state.
#[derive(Default)]
pub(crate) struct Declaration {
    pub(super) availability: Availability,
    pub(super) commands: Vec<Command>,
    pub(super) listeners: Vec<Listener>,
    pub(super) folds: Vec<Fold>,
    pub(super) settings: Vec<Declared>,
    /// By the full name of the task.
    pub(super) stop_warnings: BTreeMap<String, &'static str>,
    pub(super) stored: Option<Stored>,
}
