//! How bots end.

use std::fmt;

use cogsmith_tasks::ErrorChain;

use crate::{config::BotName, discord::RestError, error::Error, gateway, store};

/// Bots that have ended with an error; the others, if there are any, have closed in order.
#[derive(Debug)]
pub struct Failed(pub(super) Vec<(BotName, Error)>);

impl Failed {
    /// Why each has ended.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.0.iter().map(|(_, error)| error)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(out, "{} bot{plural} failed:", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|(name, error)| write!(out, "\n  - {name}: {}", ErrorChain(error)))
    }
}

impl std::error::Error for Failed {}

/// The thread that a bot is run on has panicked. The log has said where.
#[derive(Debug, thiserror::Error)]
#[error("the bot panicked: {0}")]
pub struct Panicked(pub(super) String);

/// The process is to end, and the bot with it.
#[derive(Debug, thiserror::Error)]
#[error("stopped before the start was over")]
pub(super) struct Stopped;

/// Whether a start right after it would end the same way: Discord has refused what the bot is, the day has no session
/// left, or its database belongs to somebody else, is newer or damaged.
pub(super) fn lasts(error: &Error) -> bool {
    use gateway::Error::{Answer, Broken, Dead, Store};
    use store::Error::{Damaged, Newer, Superseded};
    let gateway = error.downcast_ref::<gateway::Error>();
    let store = error.downcast_ref::<store::Error>();
    error.is::<RestError>()
        || gateway
            .is_some_and(|it| !matches!(it, Answer { .. } | Broken { .. } | Dead { .. } | Store(_)))
        || store.is_some_and(|it| matches!(it, Damaged { .. } | Newer { .. } | Superseded))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::anyhow;
    use gateway::Error as Gateway;

    use super::*;

    #[test]
    fn a_refusal_lasts_and_a_crash_does_not() {
        let spent = Gateway::NoSessionsLeft {
            remaining: 0,
            needed: 1,
            resets_in: Duration::ZERO,
        };
        for (error, expected) in [
            (RestError::TokenRefused.into(), true),
            (Gateway::TokenRefused.into(), true),
            (spent.into(), true),
            (
                Error::from(store::Error::Superseded).context("writing"),
                true,
            ),
            (Gateway::Broken { shard: 0 }.into(), false),
            (Panicked("no".to_owned()).into(), false),
            (anyhow!("the task engine has ended"), false),
        ] {
            assert_eq!(lasts(&error), expected, "{error}");
        }
    }
}
