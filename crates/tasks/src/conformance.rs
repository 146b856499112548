//! The suite that every [`Store`] must pass (feature `conformance`).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use std::sync::Arc;
//! use cogsmith_tasks::{MemoryStore, conformance};
//!
//! conformance::run_all(async || Arc::new(MemoryStore::new()) as _).await;
//! # }
//! ```

mod batches;
mod runs;
mod scene;
mod tasks;

use std::sync::Arc;

use crate::Store;

/// Runs every check, each on a new and empty store that `make` gives.
///
/// # Panics
/// When the store breaks a promise; the message and the line name it.
pub async fn run_all(make: impl AsyncFn() -> Arc<dyn Store>) {
    tasks::a_task_keeps_its_number_and_its_cursor(&*make().await).await;
    tasks::scopes_are_tasks_of_their_own(&*make().await).await;
    tasks::everything_in_a_cursor_comes_back(&*make().await).await;
    runs::a_run_is_added_and_then_replaced(&*make().await).await;
    batches::one_batch_may_hold_several_steps_of_a_task(&*make().await).await;
    batches::a_batch_is_written_whole_or_not_at_all(&*make().await).await;
    batches::a_version_that_does_not_follow_is_refused(&*make().await).await;
    batches::an_unknown_task_is_refused(&*make().await).await;
    batches::an_older_epoch_can_write_nothing(&*make().await).await;
    runs::taking_over_marks_running_runs_as_abandoned(&*make().await).await;
    runs::history_is_newest_first_and_bounded(&*make().await).await;
    runs::pruning_keeps_the_newest_and_the_running(&*make().await).await;
    batches::a_large_batch_is_written(&*make().await).await;
    tasks::a_deleted_task_leaves_nothing(&*make().await).await;
    runs::every_cause_comes_back(&*make().await).await;
    tasks::tidying_up_changes_nothing(&*make().await).await;
    tasks::many_come_at_once_in_their_order(&*make().await).await;
}
