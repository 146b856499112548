//! What is known of a task without its code.

use super::TaskSpec;
use crate::{error::Error, store::TaskRow, trigger::manual};

impl TaskSpec {
    /// Stands for a row whose code is not here. A trigger that cannot be read counts as none.
    pub(crate) fn adopted(row: &TaskRow) -> Self {
        let trigger = row.cursor.default_trigger.parse();
        let task = row.name.clone();
        let body = move |_| {
            let task = task.clone();
            async move { Err(Error::NoCode { task }.into()) }
        };
        Self {
            is_member: !row.scope.is_empty(),
            is_adopted: true,
            ..Self::new(row.name.clone(), trigger.unwrap_or_else(|_| manual()), body)
                .scope(row.scope.clone())
        }
    }
}
