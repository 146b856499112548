//! Orders to tasks, given to each that is meant.

use futures_util::{StreamExt, stream};

use super::{Answer, Steering, order::Order};
use crate::error::Result;

/// Orders that are on their way to the engine at once; it writes what comes together in one transaction.
pub(super) const AT_ONCE: usize = 256;

impl Steering<'_> {
    pub(super) async fn steer(&self, name: &str, order: &Order) -> Result<Answer> {
        let action = order.understand(self.engine.clock().now())?;
        let target = self.find(name)?;
        let orders = stream::iter(target.tasks.clone()).map(|task| {
            let action = action.clone();
            async move { action.give(&task).await }
        });
        let outcomes = orders.buffered(AT_ONCE).collect().await;
        let mut answer = self.told(&target, outcomes)?;
        let warning = (self.stop_warning)(&target.tasks[0].name());
        if let Some(warning) = warning.filter(|_| order.stops()) {
            answer.text = format!("{}\n{warning}", answer.text);
        }
        Ok(answer)
    }
}
