//! Orders to tasks, given to each that is meant.

use cogsmith_tasks::TaskHandle;
use futures_util::{StreamExt, stream};

use super::{Answer, Steering, order::Order, record::as_it_is, target::Target};
use crate::error::Result;

/// Orders that are on their way to the engine at once; it writes what comes together in one transaction.
pub(super) const AT_ONCE: usize = 256;

impl Steering<'_> {
    pub(super) async fn steer(&self, name: &str, order: &Order) -> Result<Answer> {
        let action = order.understand(self.engine.clock().now())?;
        let target = self.find(name)?;
        let before = as_it_is(&target, order);
        let orders = stream::iter(target.tasks.clone()).map(|task| {
            let action = action.clone();
            async move { action.give(&task).await }
        });
        let outcomes: Vec<_> = orders.buffered(AT_ONCE).collect().await;
        let is_done = outcomes.iter().any(Result::is_ok);
        let mut answer = self.told(&target, outcomes)?;
        if is_done {
            answer.text += &self.coming(&target, order);
            let change = self.ordered(&target, order, before);
            answer.text += self.record(change).await;
        }
        let warning = (self.stop_warning)(&target.tasks[0].name());
        if let Some(warning) = warning.filter(|_| order.stops()) {
            answer.text = format!("{}\n{warning}", answer.text);
        }
        Ok(answer)
    }
    /// When a task that was told when to run runs next.
    fn coming(&self, target: &Target, order: &Order) -> String {
        let status = target.alone().map(TaskHandle::status);
        let status = status.filter(|it| !order.stops() && it.held_by.is_none());
        let next = status.and_then(|status| status.next_run_at);
        next.map_or(String::new(), |at| {
            format!(" Next run {}.", self.medium.instant(at))
        })
    }
}
